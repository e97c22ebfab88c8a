{{- define "slicepilot.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/*
Stem of all names. 40 characters leave room for the longest suffix and for what Kubernetes appends
to a StatefulSet's name in a label, which ends at 63.
*/}}
{{- define "slicepilot.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "slicepilot.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "slicepilot.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "slicepilot.redisName" -}}
{{ include "slicepilot.fullname" . }}-redis
{{- end -}}

{{- define "slicepilot.emulatorName" -}}
{{ include "slicepilot.fullname" . }}-emulator
{{- end -}}

{{- define "slicepilot.e2Name" -}}
{{ include "slicepilot.fullname" . }}-e2
{{- end -}}

{{- define "slicepilot.testName" -}}
{{ include "slicepilot.fullname" . }}-test
{{- end -}}

{{- define "slicepilot.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "slicepilot.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* An image reference: (dict "root" $ "image" .Values.image). An empty tag is the app version. */}}
{{- define "slicepilot.image" -}}
{{- $path := .image.repository -}}
{{- if .image.registry -}}{{- $path = printf "%s/%s" .image.registry $path -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $path .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $path (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The Secret that holds the URL of the store, and its key. */}}
{{- define "slicepilot.storeSecret" -}}
{{- if eq .Values.store.kind "external" -}}
{{- default (printf "%s-store" (include "slicepilot.fullname" .)) .Values.store.external.existingSecret -}}
{{- else -}}
{{- default (include "slicepilot.redisName" .) .Values.redis.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "slicepilot.storeSecretKey" -}}
{{- if and (eq .Values.store.kind "external") .Values.store.external.existingSecret -}}
{{- .Values.store.external.secretKey -}}
{{- else -}}
url
{{- end -}}
{{- end -}}
