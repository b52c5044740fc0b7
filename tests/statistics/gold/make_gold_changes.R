# Gold values of changes between two waves from R's survey package. Run from this folder:
# Rscript make_gold_changes.R. Reads wave.csv and writes gold_changes.csv.
#   independent_persons, independent_units: units with odd numbers are one wave, the others the
#                next, each drawn on its own;
#   shared_units: every other person is the next wave, drawn in the same units.
# Inside is group 1, beside are the others; weights of the later wave are doubled.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
wave <- read.csv("wave.csv")
wave$trusting <- as.numeric(wave$trust >= 4)
stopifnot(!anyNA(wave$trusting))
put <- function(case, statistic, value) data.frame(case, statistic,
  value = formatC(as.numeric(value), digits = 17, format = "g"))
gold <- list()
for (case in c("independent_persons", "independent_units", "shared_units")) {
  row <- seq_len(nrow(wave))
  wave$later <- as.numeric(if (case == "shared_units") row %% 2 == 0 else wave$psu %% 2 == 0)
  wave$w <- wave$start * (1 + wave$later)
  wave$cell <- interaction(wave$group == 1, wave$later)
  design <- switch(case,
    independent_persons = svydesign(ids = ~1, strata = ~interaction(later, stratum), weights = ~w, data = wave),
    independent_units = svydesign(ids = ~psu, strata = ~interaction(later, stratum), weights = ~w, data = wave, nest = TRUE),
    shared_units = svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = wave, nest = TRUE))
  shares <- svyby(~trusting, ~cell, design, svymean, covmat = TRUE)
  contrasts <- list(
    inside = c(TRUE.1 = 1, TRUE.0 = -1), beside = c(FALSE.1 = 1, FALSE.0 = -1),
    difference = c(TRUE.1 = 1, TRUE.0 = -1, FALSE.1 = -1, FALSE.0 = 1))
  for (name in names(contrasts)) {
    found <- svycontrast(shares, contrasts[[name]])
    gold <- c(gold, list(put(case, name, coef(found)), put(case, paste0(name, "_se"), SE(found))))
  }
}
write.csv(do.call(rbind, gold), "gold_changes.csv", row.names = FALSE, quote = FALSE)
