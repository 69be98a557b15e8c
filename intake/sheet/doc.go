// Package sheet reads and writes the tables that office programs (WPS, Excel,
// LibreOffice) keep: CSV in the encodings they write, and the first visible sheet of
// an XLSX workbook. What is read is text; what is written is inert: nothing in it can
// act as a formula.
//
// An upload is read in memory, within fixed bounds, and never touches the disk.
package sheet
