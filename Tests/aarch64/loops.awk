# The inner loops of a disassembly (`objdump -d --no-show-raw-insn`): the name of their function, how many
# vectors they multiply and add (`fmla`), and how many functions they call. A way back to the function's end is
# no loop.

function report(    i, j, inner, products, calls, ends) {
  for (i = 1; i <= loops; i++) {
    inner = 1
    for (j = 1; j <= loops; j++)
      if (j != i && first[j] >= first[i] && last[j] <= last[i]) inner = 0
    if (!inner) continue
    products = calls = ends = 0
    for (j = first[i]; j <= last[i]; j++) {
      if (word[j] == "fmla") products++
      if (word[j] == "bl" || word[j] == "blr") calls++
      if (word[j] == "ret") ends++
    }
    if (!ends) print name, products, calls
  }
}

/^[0-9a-f]+ <.*>:$/ {
  report()
  name = substr($2, 2, length($2) - 3)
  lines = loops = 0
  split("", at)
}

/^ *[0-9a-f]+:\t/ {
  lines++
  address = $1
  sub(":", "", address)
  at[address] = lines
  word[lines] = $2
  if ($2 !~ /^(b|b\..*|cbn?z|tbn?z)$/) next
  # The target is the operand with the name of a place behind it.
  for (field = 3; field < NF; field++)
    if ($(field + 1) ~ /^</ && $field in at) {
      loops++
      first[loops] = at[$field]
      last[loops] = lines
    }
}

END { report() }
