"""What a release is made of beside the packages: its notes, the chart's archive, the licences."""
