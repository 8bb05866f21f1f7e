package engine

// volume is a tensor of a running network: rows of positions with c channels each
// (the channel runs fastest).
type volume struct {
	h, w, c int
	data    []float32
}

// arena owns every tensor of one call and clears them together, because each of them
// is the face in another form.
type arena struct{ used [][]float32 }

func (a *arena) floats(n int) []float32 {
	s := make([]float32, n)
	a.used = append(a.used, s)
	return s
}

func (a *arena) volume(h, w, c int) volume {
	return volume{h, w, c, a.floats(h * w * c)}
}

func (a *arena) wipe() {
	for _, s := range a.used {
		clear(s)
	}
	a.used = nil
}

// padding is how a layer treats the border.
type padding bool

const (
	valid padding = false // filters stay inside the input
	same  padding = true  // zeros around it, so that the result has ceil(size/stride) positions
)

// window returns how many positions a filter of size k takes along an axis of size n,
// and how many zeros stand before the first. An odd rest of padding goes behind.
func (p padding) window(n, k, stride int) (positions, before int) {
	if p == valid {
		return (n-k)/stride + 1, 0
	}
	positions = (n + stride - 1) / stride
	total := max((positions-1)*stride+k-n, 0)
	return positions, total / 2
}

func (v volume) relu() {
	for i, x := range v.data {
		if x < 0 {
			v.data[i] = 0
		}
	}
}

// leak is the slope below zero of the detector's activation.
const leak = 0.1

func (v volume) leakyRelu() {
	for i, x := range v.data {
		if x < 0 {
			v.data[i] = leak * x
		}
	}
}

// add adds u, of equal shape.
func (v volume) add(u volume) {
	for i, x := range u.data {
		v.data[i] += x
	}
}

// means returns the mean of each channel.
func (v volume) means(a *arena) []float32 {
	m := a.floats(v.c)
	for i := 0; i < len(v.data); i += v.c {
		for c, x := range v.data[i : i+v.c] {
			m[c] += x
		}
	}
	n := float32(v.h * v.w)
	for c := range m {
		m[c] /= n
	}
	return m
}
