{{- /*
Where mapping files come from, as JSON: `inline` has the texts of files by name, by period; `existing` the names of
ConfigMaps by period. The period "" is the only one, without a folder of its own.
*/}}
{{- define "syncd.mappings" -}}
{{- $inline := dict }}
{{- $existing := dict }}
{{- with .Values.mappings }}
{{- if .files }}{{ $_ := set $inline "" .files }}{{ end }}
{{- range $period, $files := .periods }}{{ $_ := set $inline $period $files }}{{ end }}
{{- if .existingConfigMap }}{{ $_ := set $existing "" .existingConfigMap }}{{ end }}
{{- range $period, $name := .existingConfigMaps }}{{ $_ := set $existing $period $name }}{{ end }}
{{- $root := trimSuffix "/" .directory }}
{{- range $path, $content := $.Files.Glob (printf "%s/**.yaml" $root) }}
{{- $inner := trimPrefix (printf "%s/" $root) $path }}
{{- $period := ternary (dir $inner) "" (contains "/" $inner) }}
{{- $files := get $inline $period | default dict }}
{{- $_ := set $files (base $inner) (toString $content) }}
{{- $_ := set $inline $period $files }}
{{- end }}
{{- end }}
{{- dict "inline" $inline "existing" $existing | toJson }}
{{- end }}

{{- /* Which of the ways to give mapping files are used. */}}
{{- define "syncd.waysOfMappings" -}}
{{- $ways := list }}
{{- with .Values.mappings }}
{{- if .files }}{{ $ways = append $ways "mappings.files" }}{{ end }}
{{- if .periods }}{{ $ways = append $ways "mappings.periods" }}{{ end }}
{{- if .existingConfigMap }}{{ $ways = append $ways "mappings.existingConfigMap" }}{{ end }}
{{- if .existingConfigMaps }}{{ $ways = append $ways "mappings.existingConfigMaps" }}{{ end }}
{{- if $.Files.Glob (printf "%s/**.yaml" (trimSuffix "/" .directory)) }}
{{- $ways = append $ways (printf "the files in %s/" (trimSuffix "/" .directory)) }}
{{- end }}
{{- end }}
{{- toJson $ways }}
{{- end }}

{{- /* The ConfigMap of a period's files: (list $ period). */}}
{{- define "syncd.mappingsName" -}}
{{- $root := first . }}
{{- $period := last . }}
{{- printf "%s-mappings%s" (include "syncd.fullname" $root) (ternary "" (printf "-%s" (lower $period)) (empty $period)) }}
{{- end }}
