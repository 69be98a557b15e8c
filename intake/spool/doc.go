// Package spool keeps sealed tips of gateways on this machine's disk while the
// database is away, and brings them to it in the order they arrived in.
//
//	DIR/<number>-<tip>.tip   one acceptance each, waiting
//	DIR/tmp/…                in the making; nobody was answered for these
//	DIR/damaged/…            set aside: torn or altered
//	DIR/refused/…            set aside: the store refused them for good
//
// A file is durable before its sender is answered: file sync, rename, folder sync.
// It goes only after the store's commit, so a crash between the two brings it
// twice, and the store knows it again by its tip. Files hold what the tip's rows
// would hold: routing facts and tags in clear, all else sealed. Times of files and
// folders are set to midnight, so that they tell the day alone.
//
// The checksum in a file finds damage. It doesn't stop forgery: who can write
// here can write to the database as well.
package spool
