{{/*
The xApp's settings file. JSON is YAML; toYaml of helm 3 writes 3000000 as 3e+06, which is a text to
the xApp's parser.
*/}}
{{- define "slicepilot.settings" -}}
{{- $document := deepCopy .Values.settings -}}
{{- if or .Values.bundle.configMap .Values.bundle.claim -}}
{{- $_ := set $document "bundle" (printf "/etc/slicepilot/bundle/%s" .Values.bundle.file) -}}
{{- end -}}
{{- if eq .Values.store.kind "embedded" -}}
{{- $_ := set $document "store" "embedded://" -}}
{{- end -}}
{{- if .Values.emulator.core -}}
{{- $core := dict "url" (include "slicepilot.coreUrl" .) -}}
{{- $_ := set $document "core" (merge $core (dig "core" (dict) $document)) -}}
{{- end -}}
{{- toPrettyJson $document -}}
{{- end -}}
