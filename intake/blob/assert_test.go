package blob_test

import (
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/casework"
)

var (
	_ intake.Blobs   = (*blob.Dir)(nil)
	_ casework.Blobs = (*blob.Dir)(nil)
)
