package database

// Table is one table as a backup copies it.
type Table struct {
	Name string
	// Since is the schema that brought the table; 0 is the first.
	Since int64
	// Order is the column by which the rows must come in, "" for any order.
	Order string
	// Instead are SQL expressions a backup takes in place of columns, by the
	// column's name: what must not be in it.
	Instead map[string]string
}
