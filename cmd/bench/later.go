package main

import "context"

func (b *bench) inbox(ctx context.Context) error { return nil }
func (b *bench) start(ctx context.Context) error { return nil }
func (b *bench) large(ctx context.Context) error { return nil }
