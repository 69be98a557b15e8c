package backup

import "io/fs"

// UpTo are migrations up to a version.
func UpTo(files fs.FS, version int64) fs.FS { return upTo{files, version} }
