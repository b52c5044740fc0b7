# Gold values for the test of equal shares in all areas, the areas being strata: svychisq of R's
# survey package. Run from this folder, after make_gold.R: Rscript make_gold_areas.R
# Writes gold_areas.csv: case, item (column, and its level when it isn't 0/1), statistic, value.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 17)
stopifnot(packageVersion("survey") == "4.1.1")
wave <- read.csv("wave.csv")
for (v in c("stratum", "age", "sex")) wave[[paste0("f", v)]] <- factor(wave[[v]])
items <- list(unsafe = wave$unsafe, litter_3 = as.numeric(wave$litter == 3), rare = wave$rare)
for (name in names(items)) wave[[paste0("i_", name)]] <- items[[name]]
known <- lapply(items, function(one) !is.na(one))
for (name in names(items)) wave[[paste0("i_", name)]][!known[[name]]] <- 0
population <- c(80000, 15000, 9000, 26000, 18000, 23000, 26000, 17000, 39500)
names(population) <- c("(Intercept)", paste0("fstratum", 2:5), paste0("fage", 2:4), "fsex2")
raked <- function(design) calibrate(design, ~fstratum + fage + fsex, population, calfun = "raking", epsilon = 1e-12, maxit = 500)
single <- svydesign(id = ~1, strata = ~stratum, weights = ~start, data = wave)
units <- svydesign(id = ~psu, strata = ~stratum, weights = ~start, data = wave)
designs <- list(wave_strata = single, wave_psu = units, wave_raked = raked(single), wave_raked_psu = raked(units))
gold <- list()
for (case in names(designs)) for (name in names(items)) {
  inside <- subset(designs[[case]], known[[name]])
  test <- svychisq(as.formula(paste0("~i_", name, " + fstratum")), inside, statistic = "F")
  # svychisq counts persons outside a subset of a calibrated design in nu; the table's own here
  nu <- degf(inside); d <- test$parameter[1]
  value <- c(f = test$statistic[[1]], f_df = d[[1]], f_df_residual = d[[1]] * nu,
    p = pf(test$statistic[[1]], d, d * nu, lower.tail = FALSE)[[1]])
  gold[[length(gold) + 1]] <- data.frame(case, item = name, statistic = names(value), value = formatC(value, digits = 17, format = "g"))
}
write.csv(do.call(rbind, gold), "gold_areas.csv", row.names = FALSE, quote = TRUE)
