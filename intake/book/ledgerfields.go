package book

func ledgerFields() []Field { return nil }
