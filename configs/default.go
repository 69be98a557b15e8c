package configs

// Default is the configuration before file and environment: everything on this machine, no channel
// that needs a secret.
func Default() Config {
	return Config{
		Public: Public{Addr: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", Proxies: []string{}},
		Desk:   Console{Addr: "127.0.0.1:8081", BaseURL: "http://127.0.0.1:8081", Proxies: []string{}, SecondFactor: "optional"},
		Map:    Map{Datum: "wgs84"},
		SMTP: SMTP{
			Addr: "127.0.0.1:2525", Domain: "localhost",
			Recipients: []string{"tips@localhost"}, MaxBytes: 36700160, CheckSenders: true,
		},
		Ops:       Ops{Addr: "127.0.0.1:8082"},
		TLS:       TLS{Hosts: []string{}},
		Update:    Update{Copy: true},
		Limits:    defaultLimits(),
		Files:     Files{MaxCount: 10, MaxBytes: 25 << 20},
		Spool:     Spool{MaxBytes: 256 << 20},
		Pack:      "farmland",
		Desks:     []string{},
		Languages: []string{"zh-CN", "en"},
		Office:    Office{Name: Text{}, Hours: Text{}, Emergency: []string{}},
		Notify:    Notify{Mail: []string{}},
		Alerts:    Alerts{Mail: []string{}, Digest: true, Desks: []DeskAlerts{}},
		// An office of one handler could never confirm what waits; what it refused stays on the screen.
		RefusalReview: "after", RefusalSample: 5,
		Retention: Retention{Spam: 180, Declined: 730, Referred: 730, Merged: 1095, Withdrawn: 180, Concluded: 1095, Backups: 35, Folders: []string{}},
		SMS:       []SMS{},
		Mail:      []Mail{},
	}
}

// defaultLimits let forty people behind one address report within an hour and stay under the soft
// limit, with room for each to look again.
func defaultLimits() Limits {
	return Limits{
		Enabled:           true,
		OriginSoftPerHour: 60, OriginHardPerHour: 600,
		SenderSoftPerHour: 20, SenderHardPerHour: 120,
		GatewaySoftPerMinute: 600, GatewayHardPerMinute: 6000,
		GlobalSoftPerMinute: 1200, GlobalHardPerMinute: 12000,
		ReceiptTriesPerHour: 120,
		FormSeconds:         3,
	}
}

// fill completes what depends on other keys: the fields of channels left out, and addresses.
func (c *Config) fill() {
	c.Public.BaseURL = trimSlash(c.Public.BaseURL)
	c.Desk.BaseURL = trimSlash(c.Desk.BaseURL)
	for i := range c.SMS {
		s := &c.SMS[i]
		s.Ack = or(s.Ack, "neutral")
		s.URL = or(s.URL, c.Public.BaseURL+"/hooks/sms/"+s.Name)
		if s.Send.given() {
			s.Send.Provider = or(s.Send.Provider, s.Provider)
		}
	}
	for i := range c.Mail {
		c.Mail[i].fill()
	}
}

// Or is o with every empty field taken from d, the pack's office.
func (o Office) Or(d Office) Office {
	o.Timezone = or(o.Timezone, d.Timezone)
	o.Phone = or(o.Phone, d.Phone)
	if len(o.Name) == 0 {
		o.Name = d.Name
	}
	if len(o.Hours) == 0 {
		o.Hours = d.Hours
	}
	if len(o.Emergency) == 0 {
		o.Emergency = d.Emergency
	}
	return o
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
