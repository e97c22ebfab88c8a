{{/* Egress rule for name resolution. */}}
{{- define "slicepilot.dnsEgress" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{/*
NetworkPolicy of a component that calls the xApp, by HTTP or, with `e2`, by E2, and is called by
nobody or, with `core`, by the xApp.
*/}}
{{- define "slicepilot.callerPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  labels:
    {{- include "slicepilot.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "slicepilot.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if .core }}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              {{- include "slicepilot.selector" (dict "root" .root "component" "xapp") | nindent 14 }}
      ports:
        - port: {{ include "slicepilot.corePort" .root }}
          protocol: TCP
  {{- else }}
  ingress: []
  {{- end }}
  egress:
    {{- include "slicepilot.dnsEgress" .root | nindent 4 }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "slicepilot.selector" (dict "root" .root "component" "xapp") | nindent 14 }}
      ports:
        {{- if .e2 }}
        - port: {{ include "slicepilot.e2Port" .root }}
          protocol: {{ include "slicepilot.e2Protocol" .root }}
        {{- else }}
        - port: 8080
          protocol: TCP
        {{- end }}
{{- end -}}
