// Package residue proves that a check leaves nothing of a face behind, nor a name or an ID
// number. It runs the built function in a process of its own, as each cloud would, sends
// it images and names that nobody has seen before, stops it after every answer, and
// searches its memory and whatever it could have written for any 16 bytes of an image, as
// they are or in base64, and for the name and the number in any of their shapes.
package residue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"nod/shared/domain"
)

// Options say what is tried, and where.
type Options struct {
	Verify   string            // path of the built function
	DB       string            // an empty PostgreSQL database
	Keys     map[string]string // as nod keys makes them
	Also     map[string]string // folders that are searched at the end, by what they are
	Runs     int               // processes on each cloud
	Progress io.Writer
}

// plan is what is tried in each process.
type plan struct {
	scenarios []scenario
	sizes     []int // of the images, in bytes
}

// whole is all there is; images are as small as a page sends them, and up to the limit.
var whole = plan{scenarios, []int{24 << 10, 400 << 10, 3 << 20}}

// trial is one search in progress.
type trial struct {
	Options
	plan
	environment map[string]string // of the function
	dir         string            // its working and temporary folder
	vendor      *vendor
	world       *world
	images      []image
	person      identity
	index       []*index            // of each image, and of the person
	encryptions []map[string]string // of names and numbers, by turns
	report      Report
	log         strings.Builder // all that the functions have written
}

// Run makes the whole search. The error is about what kept it from being made; what it
// found stands in the report.
func Run(ctx context.Context, o Options) (Report, error) { return run(ctx, o, whole) }

func run(ctx context.Context, o Options, p plan) (r Report, err error) {
	dir, err := os.MkdirTemp("", "nod-residue-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	t := &trial{Options: o, plan: p, dir: filepath.Join(dir, "function")}
	if err := os.Mkdir(t.dir, 0o700); err != nil {
		return r, err
	}
	end, err := t.stage(ctx, filepath.Join(dir, "face-api.pem"))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end()) }()
	err = t.search(ctx)
	return t.report, err
}

// stage puts everything around the functions in its place: the vendor, whose certificate
// is written to a file, and a Nod with people in it.
func (t *trial) stage(ctx context.Context, certificate string) (end func() error, err error) {
	if t.vendor, err = newVendor(certificate); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			t.vendor.close()
		}
	}()
	t.person = newIdentity()
	t.vendor.person = t.person
	if t.encryptions, t.vendor.opener, err = fieldEncryption(); err != nil {
		return nil, err
	}
	t.environment = environment(t.Options, t.vendor.endpoint(), certificate)
	nod, err := serveNod(ctx, t.environment)
	if err != nil {
		return nil, err
	}
	if t.world, err = newWorld(ctx, nod.base, t.Keys["NOD_OPERATOR_KEY"]); err != nil {
		return nil, errors.Join(err, nod.close())
	}
	return func() error {
		defer t.vendor.close()
		return nod.close()
	}, nil
}

func (t *trial) search(ctx context.Context) error {
	for _, size := range t.sizes {
		m := newImage(size)
		t.images = append(t.images, m)
		t.index = append(t.index, newIndex(m, t.person))
	}
	if err := t.control(); err != nil {
		return err
	}
	for _, on := range clouds {
		for run := range t.Runs {
			if err := t.process(ctx, on, run); err != nil {
				return fmt.Errorf("%s, run %d: %w", on.name, run+1, err)
			}
		}
	}
	return t.everythingElse()
}

// control searches this process, which holds the images: a search that does not find
// them there finds nothing anywhere.
func (t *trial) control() error {
	for i, x := range t.index {
		own, err := x.memory(os.Getpid())
		if err != nil {
			return fmt.Errorf("searching this process: %w", err)
		}
		whole := len(t.images[i].raw) + len(t.images[i].text) + len(t.person.name) + len(t.person.number) - 1
		t.report.Control = append(t.report.Control, Control{Size: t.images[i].size(), Held: whole, Found: own.left()})
		if own.left() < whole {
			return fmt.Errorf("the search found %d bytes of an image and a person in the process that holds %d", own.left(), whole)
		}
	}
	return nil
}

// process starts the function and tries every case on it. Each run begins with another,
// so that many come first in a fresh process, from all of the list.
func (t *trial) process(ctx context.Context, on cloud, run int) error {
	f, err := on.launch(t.command(run))
	if err != nil {
		return err
	}
	defer func() {
		f.End()
		t.log.WriteString(f.Log())
	}()
	for i := range t.scenarios {
		if err := ctx.Err(); err != nil {
			return err
		}
		k, size := t.scenarios[(run*len(t.scenarios)/t.Runs+i)%len(t.scenarios)], (run+2*i)%len(t.sizes)
		if k.only != "" && k.only != on.name {
			continue
		}
		if err := t.try(ctx, on, f, k, size, i == 0); err != nil {
			return fmt.Errorf("%s, %s: %w\n%s", k.name, t.images[size].size(), err, f.Log())
		}
	}
	fmt.Fprintf(t.Progress, "  %-12s run %2d of %d: %s\n", on.name, run+1, t.Runs, t.report.state())
	return nil
}

func (t *trial) command(run int) *exec.Cmd {
	cmd := exec.Command(t.Verify)
	cmd.Dir = t.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.dir, "HOME=" + t.dir}
	environment := maps.Clone(t.environment)
	maps.Copy(environment, t.encryptions[run%len(t.encryptions)])
	for name, value := range environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// try makes one call and searches the process after its answer.
func (t *trial) try(ctx context.Context, on cloud, f function, k scenario, size int, first bool) error {
	t.vendor.expect(opensVisit, "", nil)
	token, err := t.world.person(ctx, k, t.person)
	if err != nil {
		return err
	}
	if k.route == domain.Authority && len(t.images[size].text) > domain.MaxAuthorityImage {
		size-- // which is the largest that goes there
	}
	s := sent{"a1", t.images[size], t.person}
	image, who := k.brings(s)
	t.vendor.expect(k.vendor, image, who)
	idle, err := resident(f.Pid())
	if err != nil {
		return err
	}
	answer, err := k.call(f, k.event(on, token, s))
	if err != nil {
		return err
	}
	left, err := t.index[size].process(f.Pid())
	if err != nil {
		return err
	}
	peak, err := peakResident(f.Pid())
	if err != nil {
		return err
	}
	if err := k.holds(answer, t.vendor.arrived()); err != nil {
		return err
	}
	t.report.add(on.name, k.name, first, left, usage{largest: image != "" && size == len(t.sizes)-1, over: peak.over(idle), peak: peak.all})
	return nil
}

// call hands over the event, and waits for the answer if the scenario does.
func (k scenario) call(f function, event []byte) (answer []byte, err error) {
	if k.leaves != nil {
		return nil, k.leaves(f.(onSCF), event)
	}
	return f.invoke(event, cmp.Or(k.within, usual))
}

// holds checks that the call went as the case says: a fault that did not happen proves
// nothing.
func (k scenario) holds(answer []byte, arrived int) error {
	status := fmt.Sprintf(`"statusCode":%d`, k.status)
	said := strings.ReplaceAll(string(answer), `\"`, `"`)
	switch {
	case k.leaves != nil && arrived == k.arrives:
		return nil // there is no answer
	case !strings.Contains(said, status), !strings.Contains(said, k.says):
		return fmt.Errorf("the answer is not %d with %s: %.600s", k.status, k.says, said)
	case arrived != k.arrives:
		return fmt.Errorf("all of it arrived %d times, not %d", arrived, k.arrives)
	}
	return nil
}

// everythingElse searches what the functions wrote, and could have.
func (t *trial) everythingElse() error {
	for i, x := range t.index {
		t.report.elsewhere("log of the functions", x.text("log", []byte(t.log.String())))
		for name, dir := range t.places() {
			f, err := x.folder(dir)
			if err != nil {
				return fmt.Errorf("searching %s for the image of %s: %w", dir, t.images[i].size(), err)
			}
			t.report.elsewhere(name, f)
		}
	}
	return nil
}

func (t *trial) places() map[string]string {
	places := map[string]string{"working and temporary folder of the functions": t.dir}
	maps.Copy(places, t.Also)
	return places
}

// ErrResidue says that something was found.
var ErrResidue = errors.New("something of a person is left: see the report")
