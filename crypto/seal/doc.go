// Package seal wraps content in age v1 files (age-encryption.org/v1) that are bound to a context: which
// tip, which compartment, which part, which direction. A sealed row that is moved to another place in
// the database does not open there. Recipients are hybrid post-quantum only (ML-KEM-768 + X25519,
// "age1pq1…"), by type.
//
// # Format
//
// The plaintext inside the age file, version 1, the same for a short text and a long stream:
//
//	tipline/1 TIP COMPARTMENT PART DIRECTION\n     the context line
//	content                                        any bytes
//	zero bytes                                     the padding
//	00000000000000001234                           the content's length in bytes, 20 decimal digits
//
// The length stands at the end because a stream does not know it at the start. All of it together is
// padded to 4096 bytes, or from there on to the next Padmé size (Nikitin et al., "Reducing Metadata
// Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, §4), which costs at most 12
// percent and hides all but O(log log n) bits of the length.
//
// Our data opens without us, with the age command and one cut:
//
//	age -d -i KEY FILE > p; tail -n +2 p | head -c "$(tail -c 20 p)"
//
// (where head takes a leading 0 for octal, write "$(expr "$(tail -c 20 p)" + 0)" for its argument).
//
// A nested file is an age file to the inner recipients, sealed once more to the outer ones; its outer
// layer has the same format with "/outer" behind the compartment, so a swap is caught at both layers.
//
// The context stops swaps, not forgery: recipients are public, so whoever can write the database can
// seal something new for a place in it.
package seal
