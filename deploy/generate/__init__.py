"""What is made from the chart: the table and the schema of its values, and the plain manifests."""
