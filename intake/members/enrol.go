package members

import (
	"context"
	"errors"

	"tipline/intake"
)

// Enrol makes secrets the second factor of the member whose keys u are, once code
// shows that their app took them in. It returns the printed codes, which are never
// seen again. There is no other way to give a factor: nobody enrols for another. The
// code is used up by it.
func (s *Service) Enrol(ctx context.Context, u *Unlocked, secrets Secrets, code string) (printed []string, err error) {
	step, ok := secrets.step(plainCode(code), s.Now())
	if !ok {
		return nil, ErrCode
	}
	has, err := s.own(ctx, u)
	if err != nil {
		return nil, err
	}
	secrets.Handle, secrets.Passkeys = has.Handle, has.Passkeys
	return s.begin(ctx, u, secrets, step, "factor.add")
}

// begin stores secrets as the member's factor, with fresh printed codes.
func (s *Service) begin(ctx context.Context, u *Unlocked, secrets Secrets, step int64, act string) ([]string, error) {
	sealed, err := sealSecrets(secrets, u.Member.Name, u.Key.Recipient())
	if err != nil {
		return nil, err
	}
	printed, hashes := secrets.print()
	f := intake.Factor{Holder: u.Member.Name, Sealed: sealed, LastStep: step, CreatedOn: intake.DateOf(s.Now(), s.Loc)}
	if err := s.Store.SetFactor(ctx, f, u.Member, hashes, s.row(u.Member.Desk, u.Member.Name, act, "")); err != nil {
		return nil, err
	}
	return printed, nil
}

// Reprint replaces the member's own printed codes: those that are left count no more.
func (s *Service) Reprint(ctx context.Context, u *Unlocked) (printed []string, err error) {
	f, err := s.Store.Factor(ctx, u.Member.Name)
	if err != nil {
		return nil, err
	}
	secrets, err := openSecrets(f, u.Key)
	if err != nil {
		return nil, err
	}
	printed, hashes := secrets.print()
	return printed, s.Store.SetCodes(ctx, u.Member.Name, hashes, s.row(u.Member.Desk, u.Member.Name, "factor.codes", ""))
}

// Unenrol takes the member's own code app away. Without a passkey the printed codes go
// with it, and left says that nothing is.
func (s *Service) Unenrol(ctx context.Context, u *Unlocked) (left bool, err error) {
	f, err := s.Store.Factor(ctx, u.Member.Name)
	if err != nil {
		return false, err
	}
	secrets, err := openSecrets(f, u.Key)
	if err != nil {
		return true, err
	}
	if secrets.App = nil; secrets.none() {
		return false, s.Store.DropFactor(ctx, u.Member.Name, s.row(u.Member.Desk, u.Member.Name, "factor.remove", ""))
	}
	return true, s.replace(ctx, u, f, secrets, "factor.remove")
}

// OwnFactor is what a member sees of their own second factor.
type OwnFactor struct {
	Since    intake.Date // "" without one
	Codes    int         // printed ones that are left
	App      bool
	Passkeys []PasskeyInfo
}

// Own is the second factor of the member whose keys u are.
func (s *Service) Own(ctx context.Context, u *Unlocked) (o OwnFactor, err error) {
	if o.Since, o.Codes, err = s.Factor(ctx, u.Member.Name); err != nil || o.Since == "" {
		return o, err
	}
	secrets, err := s.own(ctx, u)
	o.App = len(secrets.App) > 0
	for _, k := range secrets.Passkeys {
		o.Passkeys = append(o.Passkeys, PasskeyInfo{k.ID, k.Name, k.AddedOn, k.Credential.Authenticator.CloneWarning})
	}
	return o, err
}

// Factor says since when a member has a second factor, and how many printed codes are
// left; since is "" without one.
func (s *Service) Factor(ctx context.Context, name string) (since intake.Date, codes int, err error) {
	f, has, err := s.factor(ctx, name)
	if err != nil || !has {
		return "", 0, err
	}
	left, err := s.Store.FactorHolders(ctx)
	return f.CreatedOn, left[name], err
}

// login unlocks a member with everything that is asked for, and notes it as act. enrolled
// says whether they have a second factor. A wrong code answers as a wrong passphrase does.
func (s *Service) login(ctx context.Context, a Attempt, act string) (u *Unlocked, enrolled bool, err error) {
	u, err = s.enter(ctx, a, func(u *Unlocked) error {
		f, has, err := s.factor(ctx, u.Member.Name)
		if err != nil {
			return err
		}
		if enrolled = has; !has || u.Member.Disabled {
			return nil
		}
		return s.second(ctx, f, u, a, act)
	})
	if err != nil || enrolled {
		return u, enrolled, err
	}
	return u, false, s.Store.AppendAudit(ctx, s.row(u.Member.Desk, u.Member.Name, act, ""))
}

// second asks for the second factor: a passkey where one answered, else a code.
func (s *Service) second(ctx context.Context, f intake.Factor, u *Unlocked, a Attempt, act string) error {
	kind, err := "code", error(nil)
	if len(a.Passkey) > 0 && a.Code == "" {
		kind, err = "passkey", s.present(ctx, f, u, a.Passkey, act)
	} else {
		err = s.spend(ctx, f, u.Member.Desk, u.Key, a.Code, act)
	}
	if errors.Is(err, ErrCode) || errors.Is(err, ErrPasskey) {
		return s.refused(ctx, u.Member, kind)
	}
	return err
}
