// Package blob keeps the sealed containers of tips: small ones go back to their
// caller, to be kept in a row; large ones stand in files.
//
//	DIR/tmp/…                     containers in the making
//	DIR/<2 hex>/<tip>.<compartment>   durable ones
//
// A file becomes durable before its tip does: file sync, rename, folder sync, and
// only then the transaction. So a tip never lacks its container, and what a crash
// leaves over belongs to no tip and is collected. Only sealed bytes come here.
// Times of files and folders are set to midnight, so that they tell the day alone.
package blob
