// The chosen person's name and number stand there to be typed. Only what the platform
// holds can it hand over.
const person = document.querySelector('select'), platform = document.getElementById('platform')
const choose = () => {
  const { name, number, held } = person.selectedOptions[0].dataset
  document.getElementById('name').textContent = name
  document.getElementById('number').textContent = number
  platform.disabled = held === undefined
  if (platform.disabled) document.getElementById('person').checked = true
}
person.onchange = choose
choose()
