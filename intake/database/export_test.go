package database

import "net"

// Impatient is a connection as [Open] makes them.
func Impatient(c net.Conn) net.Conn { return &impatient{Conn: c} }
