{{/* Port of the emulator's core control API. */}}
{{- define "slicepilot.corePort" -}}
8081
{{- end -}}

{{- define "slicepilot.coreName" -}}
{{ include "slicepilot.fullname" . }}-core
{{- end -}}

{{/* URL of the core control API that the xApp drives; nothing where it drives none. */}}
{{- define "slicepilot.coreUrl" -}}
{{- if .Values.emulator.core -}}
{{- printf "http://%s:%s" (include "slicepilot.coreName" .) (include "slicepilot.corePort" .) -}}
{{- else -}}
{{- dig "core" "url" "" .Values.settings | default "" -}}
{{- end -}}
{{- end -}}

{{/* The port of that URL. */}}
{{- define "slicepilot.coreUrlPort" -}}
{{- $url := include "slicepilot.coreUrl" . | trimSuffix "/" -}}
{{- $known := ternary "443" "80" (hasPrefix "https:" $url) -}}
{{- regexFind ":[0-9]+$" $url | trimPrefix ":" | default $known -}}
{{- end -}}
