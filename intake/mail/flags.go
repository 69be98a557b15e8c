package mail

// The flags a decoded message may carry: codes for the handler.
const (
	FlagUnparsed  = "unparsed"  // nothing could be read; the raw message is kept
	FlagFault     = "fault"     // the decoder failed, which is a fault of ours
	FlagMalformed = "malformed" // some of it was mended or left out
	FlagTruncated = "truncated" // the text is longer than what was kept of it
	FlagLimits    = "limits"    // more parts or levels than are taken apart
	FlagDamaged   = "damaged"   // a file or text wasn't encoded as it said
	FlagHTML      = "html"      // the text was made from HTML
	FlagForwarded = "forwarded" // a whole message was attached
	FlagSignature = "signature" // the text ends with a signature block
	FlagTNEF      = "tnef"      // winmail.dat: files were packed in it, and how many were taken out
	FlagSMIME     = "smime"     // encrypted by S/MIME, or in a form of it that isn't read
	FlagSigned    = "signed"    // signed by S/MIME; the signature isn't checked
	FlagPGP       = "pgp"       // signed or encrypted by OpenPGP
	FlagBounce    = "bounce"    // a delivery status notification
	FlagAuto      = "auto"      // a machine's answer
	FlagBulk      = "bulk"      // from a list or a mass mailing

	FlagVerified   = "sender_verified"   // the domain that From names vouches for the message
	FlagUnverified = "sender_unverified" // nothing shows that it came from there
	FlagDisowned   = "sender_disowned"   // the domain itself says that such a message isn't its own
)
