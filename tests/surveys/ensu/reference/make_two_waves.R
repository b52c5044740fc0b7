# Which cities changed between two waves, by R's survey package. Only one wave is at hand, so ENSU
# of September 2024 is split in two. Own processing of INEGI data.
#
#   Rscript make_two_waves.R <folder with INEGI's zip> <this folder>
#
# Writes ensu_two_waves_r_survey.csv: aggregates only, one row per split and area.
#   split       units: every other primary unit is the later wave, and the two are independent;
#               persons: every other person is, and the two share primary units
#   area        city code of the file, "07_035" for Torreon
#   before, now shares that feel unsafe in their city; difference (now - before), se
#   changed     INEGI's rule: the difference is beyond 1.645 standard errors (90 %, no adjustment)

suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", digits = 15)

paths <- commandArgs(trailingOnly = TRUE)
archive <- file.path(paths[1], "conjunto_de_datos_ensu_2024_3t_csv.zip")
name <- "conjunto_de_datos_ensu_cb_0924"
member <- paste0(name, "/conjunto_de_datos/", name, ".csv")
unpacked <- unzip(archive, files = member, exdir = tempdir(), junkpaths = TRUE)
persons <- read.csv(unpacked, colClasses = "character", na.strings = character())
persons$weight <- as.numeric(persons$FAC_SEL)
persons$unsafe <- as.numeric(persons$BP1_1 == "2")
torreon <- persons$CD == "07" & persons$CVE_ENT == "05" & persons$CVE_MUN == "035"

unit <- paste(persons$EST_DIS, persons$UPM_DIS)
splits <- list(
  units = match(unit, sort(unique(unit), method = "radix")) %% 2,
  persons = seq_len(nrow(persons)) %% 2
)
design_of <- function(rows) svydesign(
  ids = ~UPM_DIS, strata = ~EST_DIS, weights = ~weight, data = persons[rows, ], nest = TRUE
)
share <- function(design, inside) {
  found <- svymean(~unsafe, design[inside, ])
  c(coef(found), SE(found))
}
result <- do.call(rbind, lapply(names(splits), function(split) {
  persons$later <<- splits[[split]]
  later <- persons$later == 1
  waves <- list(now = design_of(later), before = design_of(!later))
  both <- design_of(rep(TRUE, nrow(persons)))
  do.call(rbind, lapply(c(sort(unique(persons$CD)), "07_035"), function(area) {
    inside <- if (area == "07_035") torreon else persons$CD == area
    now <- share(waves$now, inside[later])
    before <- share(waves$before, inside[!later])
    se <- sqrt(now[2]^2 + before[2]^2)
    if (split == "persons") {
      shares <- svyby(~unsafe, ~later, both[inside, ], svymean, covmat = TRUE)
      se <- SE(svycontrast(shares, c("0" = -1, "1" = 1)))
    }
    difference <- now[1] - before[1]
    data.frame(split, area, before = before[1], now = now[1], difference, se = unname(se),
               changed = as.integer(abs(difference) > qnorm(0.95) * se))
  }))
}))
for (column in c("before", "now", "difference", "se"))
  result[[column]] <- signif(result[[column]], 13)
write.table(
  result, file.path(paths[2], "ensu_two_waves_r_survey.csv"),
  sep = ";", quote = FALSE, row.names = FALSE, eol = "\n"
)
cat(nrow(result), "rows,", sum(result$changed), "changed\n")
