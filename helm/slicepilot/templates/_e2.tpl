{{/* What the xApp listens on for E2 nodes, `sctp://...` or `tcp://...`; nothing where it does not. */}}
{{- define "slicepilot.e2Listen" -}}
{{- dig "e2" "listen" "" .Values.settings | default "" -}}
{{- end -}}

{{/* Scheme, protocol and port of that; the schema of values lets no other form in. */}}
{{- define "slicepilot.e2Scheme" -}}
{{- include "slicepilot.e2Listen" . | regexFind "^[a-z]+" -}}
{{- end -}}

{{- define "slicepilot.e2Protocol" -}}
{{- include "slicepilot.e2Scheme" . | upper -}}
{{- end -}}

{{- define "slicepilot.e2Port" -}}
{{- include "slicepilot.e2Listen" . | regexFind ":[0-9]+$" | trimPrefix ":" | default "36421" -}}
{{- end -}}
