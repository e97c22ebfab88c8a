{{/*
What selects the pods of a component: (dict "root" $ "component" "xapp"). Pods have these labels and
no others of the chart's, so that a new version of the chart alone restarts none.
*/}}
{{- define "slicepilot.selector" -}}
app.kubernetes.io/name: {{ include "slicepilot.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "slicepilot.labels" -}}
{{ include "slicepilot.selector" . }}
app.kubernetes.io/part-of: slicepilot
app.kubernetes.io/version: {{ .root.Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}
