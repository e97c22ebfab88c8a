{{/* Whether more than one replica may run: "true" or nothing. */}}
{{- define "slicepilot.several" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) }}true{{ end -}}
{{- end -}}

{{/*
Values that are right one by one and wrong together. Each message names the keys and what to set.
*/}}
{{- define "slicepilot.guards" -}}
{{- $several := include "slicepilot.several" . -}}
{{- $external := .Values.store.external -}}
{{- $e2 := include "slicepilot.e2Listen" . -}}
{{- if and .Values.emulator.ric (not $e2) -}}
  {{- fail "emulator.ric is true: set settings.e2.listen, such as sctp://0.0.0.0:36421, so that the xApp takes E2 nodes" -}}
{{- end -}}
{{- if and .Values.emulator.ric (not .Values.emulator.speed) -}}
  {{- fail "emulator.ric is true and emulator.speed is 0: an E2 node waits for no answers, set a speed above 0" -}}
{{- end -}}
{{- if and .Values.emulator.core (not .Values.emulator.enabled) -}}
  {{- fail "emulator.core is true: set emulator.enabled, or leave it and name another core in settings.core.url" -}}
{{- end -}}
{{- if and .Values.emulator.core (dig "core" "url" "" .Values.settings) -}}
  {{- fail "emulator.core and settings.core.url exclude each other: the first sets the second" -}}
{{- end -}}
{{- if and .Values.emulator.core (not (has .Values.emulator.scenario (list "edge" "failure"))) -}}
  {{- fail (printf "emulator.core is true, but the scenario %s has no core: set emulator.scenario to edge or failure" .Values.emulator.scenario) -}}
{{- end -}}
{{- if and $several (include "slicepilot.coreUrl" .) -}}
  {{- fail "several replicas with a core: each would drive it; run one replica without autoscaling, or leave emulator.core and settings.core.url" -}}
{{- end -}}
{{- $group := dict "highway" 7 | dig .Values.emulator.scenario 1 -}}
{{- $cells := int .Values.emulator.cells -}}
{{- if mod $cells $group -}}
  {{- fail (printf "emulator.cells, %d, are no whole groups of %d, which emulator.scenario %s couples: set a multiple of %d" $cells $group .Values.emulator.scenario $group) -}}
{{- end -}}
{{- if and (ne .Values.e2Service.type "ClusterIP") (not $e2) -}}
  {{- fail (printf "e2Service.type is %s, but the xApp takes no E2 nodes: set settings.e2.listen" .Values.e2Service.type) -}}
{{- end -}}
{{- if and $several $e2 (ne .Values.e2Service.type "ClusterIP") (ne .Values.e2Service.externalTrafficPolicy "Local") -}}
  {{- fail "several replicas with E2 nodes behind a service of type NodePort or LoadBalancer: set e2Service.externalTrafficPolicy to Local, since Cluster hides the nodes' addresses, by which they come back to the same replica" -}}
{{- end -}}
{{- if eq .Values.store.kind "external" -}}
  {{- if not (or $external.url $external.existingSecret) -}}
    {{- fail "store.kind is external: set store.external.url or store.external.existingSecret" -}}
  {{- end -}}
  {{- if and $external.url $external.existingSecret -}}
    {{- fail "store.external.url and store.external.existingSecret exclude each other: leave one empty" -}}
  {{- end -}}
{{- else if or $external.url $external.existingSecret -}}
  {{- fail (printf "store.external is set, but store.kind is %s: set store.kind to external" .Values.store.kind) -}}
{{- end -}}
{{- if and .Values.redis.password .Values.redis.existingSecret -}}
  {{- fail "redis.password and redis.existingSecret exclude each other: leave one empty" -}}
{{- end -}}
{{- if and .Values.bundle.configMap .Values.bundle.claim -}}
  {{- fail "bundle.configMap and bundle.claim exclude each other: leave one empty" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
  {{- fail "ingress.enabled is true: name at least one host in ingress.hosts" -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
  {{- fail (printf "autoscaling.minReplicas, %v, is above autoscaling.maxReplicas, %v" .Values.autoscaling.minReplicas .Values.autoscaling.maxReplicas) -}}
{{- end -}}
{{- if and $several (eq .Values.store.kind "embedded") -}}
  {{- fail "store.kind is embedded: each replica would keep a state of its own; run one replica without autoscaling, or set store.kind to bundled or external" -}}
{{- end -}}
{{- if and $several .Values.ingress.enabled (not .Values.ingress.affinityAnnotations) -}}
  {{- fail "several replicas behind an ingress: set ingress.affinityAnnotations, so that the controller sends a client to the same replica each time" -}}
{{- end -}}
{{- if and $several (ne .Values.service.type "ClusterIP") (ne .Values.service.externalTrafficPolicy "Local") -}}
  {{- fail "several replicas behind a service of type NodePort or LoadBalancer: set service.externalTrafficPolicy to Local, since Cluster hides the clients' addresses" -}}
{{- end -}}
{{- end -}}
