# Gold values of two pooled waves from R's survey package. Run from this folder:
# Rscript make_gold_pooled.R. Reads wave.csv: units with odd numbers are one wave, the others the
# next, which also weighs three times as much until each is given half of the total. In the cases
# named shared every other person is one wave instead, the others the next, drawn in the same units.
# Writes gold_pooled.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
wave <- read.csv("wave.csv")
wave$trusting <- as.numeric(wave$trust >= 4)
put <- function(case, statistic, value) data.frame(case, statistic,
  value = formatC(as.numeric(value), digits = 17, format = "g"))
gold <- list()
ages <- c(14000, 23000, 26000, 17000)
sexes <- c(40500, 39500)
wave$fage <- factor(wave$age)
wave$fsex <- factor(wave$sex)
# weights of which each wave has half
halved <- function(start, part) {
  total <- tapply(start, part, sum)
  start * mean(total) / 2 / total[part]
}
# each wave raked by itself to age and sex, 80 000 persons; then half of each
raked <- function(design, wave) {
  x <- model.matrix(~ cell + cell:fage + cell:fsex - 1, wave)
  pop <- setNames(rep(0, ncol(x)), colnames(x))
  for (k in 1:2) {
    pop[paste0("cell", k)] <- sum(ages) / 2
    for (a in 2:4) pop[paste0("cell", k, ":fage", a)] <- ages[a] / 2
    pop[paste0("cell", k, ":fsex2")] <- sexes[2] / 2
  }
  calibrate(design, ~ cell + cell:fage + cell:fsex - 1, pop, calfun = "raking", epsilon = 1e-12, maxit = 200)
}
start <- wave$start
for (case in c("persons", "units", "raked", "shared", "shared_raked")) {
  shared <- startsWith(case, "shared")
  wave$part <- if (shared) 1 + (seq_along(start) %% 2 == 0) else ifelse(wave$psu %% 2 == 1, 1, 2)
  wave$half <- halved(start * c(1, 3)[wave$part], wave$part)
  wave$cell <- factor(wave$part)
  ids <- if (case %in% c("persons", "raked")) ~1 else ~psu
  strata <- if (shared) ~stratum else ~interaction(part, stratum)
  design <- svydesign(ids = ids, strata = strata, weights = ~half, data = wave, nest = TRUE)
  if (endsWith(case, "raked")) design <- raked(design, wave)
  found <- svymean(~trusting, design)
  gold <- c(gold, list(put(case, "estimate", coef(found)), put(case, "se", SE(found))))
  if (!endsWith(case, "raked")) {
    women <- svymean(~trusting, subset(design, sex == 2))
    gold <- c(gold, list(put(case, "women", coef(women)), put(case, "women_se", SE(women))))
  }
}
write.csv(do.call(rbind, gold), "gold_pooled.csv", row.names = FALSE, quote = FALSE)
