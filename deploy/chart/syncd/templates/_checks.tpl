{{- /* Everything that values.schema.json cannot say in words. All faults are told at once. */}}
{{- define "syncd.checks" -}}
{{- $faults := list }}
{{- $values := .Values }}
{{- $sqlite := eq $values.database.kind "sqlite" }}

{{- if not $values.image.repository }}
{{- $faults = append $faults "image.repository: got nothing; expected where the image of deploy/Containerfile was pushed; fix: --set image.repository=REGISTRY/syncd" }}
{{- end }}

{{- if and $sqlite (gt (int $values.replicas) 1) }}
{{- $faults = append $faults (printf "replicas: got %d on SQLite, which serves one process; expected 1; fix: database.kind=postgresql and database.postgresql.existingSecret.name, or replicas=1" (int $values.replicas)) }}
{{- end }}
{{- if and $sqlite $values.strategy (ne (toString $values.strategy.type) "Recreate") }}
{{- $faults = append $faults (printf "strategy.type: got %v on SQLite, where two pods must not have the store at once; expected Recreate; fix: take strategy out" $values.strategy.type) }}
{{- end }}
{{- if and (not $sqlite) (not $values.database.postgresql.existingSecret.name) }}
{{- $faults = append $faults "database.postgresql.existingSecret.name: got nothing; expected a Secret with the database's URL; fix: kubectl create secret generic syncd-database --from-literal=url=postgresql://..." }}
{{- end }}

{{- if $values.existingSettings.configMap }}
{{- if $values.settings }}
{{- $faults = append $faults "settings: got settings beside existingSettings.configMap; expected one of both; fix: take one out" }}
{{- end }}
{{- if and $values.networkPolicy.enabled (not $values.networkPolicy.egress.extra) }}
{{- $faults = append $faults "networkPolicy.egress.extra: got nothing, and the chart cannot read the sources in existingSettings.configMap; expected rules for them; fix: write them, or networkPolicy.enabled=false" }}
{{- end }}
{{- else if not $values.settings.sources }}
{{- $faults = append $faults "settings.sources: got none; expected the systems to measure in (docs/guide/settings.md); fix: name at least one, or existingSettings.configMap" }}
{{- end }}

{{- if eq (int $values.metricsPort) (int $values.containerPort) }}
{{- $faults = append $faults (printf "metricsPort: got %d, which is containerPort; expected another; fix: metricsPort=%d" (int $values.metricsPort) (add1 $values.containerPort)) }}
{{- end }}
{{- if eq (int $values.metricsPort) (int $values.service.port) }}
{{- $faults = append $faults (printf "metricsPort: got %d, which is service.port; expected another; fix: choose another of both" (int $values.metricsPort)) }}
{{- end }}
{{- if and (eq $values.reading "proxy") $values.settings (not (dig "settings" "proxy" nil $values.settings)) }}
{{- $faults = append $faults "settings.settings.proxy: got nothing, and reading: proxy; expected whom to believe who somebody is; fix: settings.settings.proxy.trusted[0]=10.0.0.0/8 (docs/guide/access.md)" }}
{{- end }}

{{- $ways := include "syncd.waysOfMappings" . | fromJsonArray }}
{{- if not $ways }}
{{- $faults = append $faults "mappings: got no mapping files; expected them in one of mappings.files, mappings.periods, mappings.existingConfigMap, mappings.existingConfigMaps, or a folder in the chart; fix: --set-file mappings.files.organisation\\.yaml=organisation.yaml, and so on" }}
{{- else if gt (len $ways) 1 }}
{{- $faults = append $faults (printf "mappings: got %s; expected one of them; fix: take the others out" (join " and " $ways)) }}
{{- end }}
{{- $mappings := include "syncd.mappings" . | fromJson }}
{{- range $period, $files := $mappings.inline }}
{{- if contains "/" $period }}
{{- $faults = append $faults (printf "%s/%s: got a folder in a period's folder; expected files; fix: move them up" $values.mappings.directory $period) }}
{{- end }}
{{- if gt (len (toJson $files)) 1000000 }}
{{- $faults = append $faults (printf "mappings: got %d bytes of files%s; expected less than 1000000, the most a ConfigMap holds; fix: give each period a folder of its own" (len (toJson $files)) (ternary "" (printf " in %s" $period) (empty $period))) }}
{{- end }}
{{- end }}

{{- /* A secret that settings read from a file which nothing mounts. */}}
{{- range regexFindAll "/run/secrets/syncd/[^/\"]+" (toJson $values.settings) -1 | uniq }}
{{- $name := base . }}
{{- if not (hasKey $values.secrets $name) }}
{{- $faults = append $faults (printf "secrets: settings read files in /run/secrets/syncd/%s, which is not mounted; expected a Secret of that name; fix: secrets.%s.secretName" $name $name) }}
{{- end }}
{{- end }}

{{- range $kind := list "sources" "webhooks" }}
{{- range $name, $_ := get $values.networkPolicy.egress $kind }}
{{- if not (hasKey (get $values.settings $kind | default dict) $name) }}
{{- $faults = append $faults (printf "networkPolicy.egress.%s.%s: got a name that is not in settings.%s; fix: correct it, or write the rule under networkPolicy.egress.extra" $kind $name $kind) }}
{{- end }}
{{- end }}
{{- end }}

{{- if $faults }}
{{- fail (printf "\n%s" (join "\n" $faults)) }}
{{- end }}
{{- end }}
