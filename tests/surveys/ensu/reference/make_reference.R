# Reference values for ENSU, September 2024, made with R's survey package. Own processing of INEGI data.
#
#   Rscript make_reference.R <folder with INEGI's zip> <this folder>
#
# Writes ensu_2024_09_r_survey.csv: aggregates only, one row per area, group, item and answer.
#   area    city code of the file ("01" ... "96"), "07_035" for Torreon, "mx" for all cities together
#   group   all, woman, man
#   n       persons with this base, unweighted
#   base, base_se           weighted base and its standard error
#   total, total_se         weighted persons with this answer
#   share, share_se         total / base, linearised
# The base is everybody who was asked and for whom the item applies: "does not know" counts.

suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", digits = 15)

paths <- commandArgs(trailingOnly = TRUE)
archive <- file.path(paths[1], "conjunto_de_datos_ensu_2024_3t_csv.zip")
name <- "conjunto_de_datos_ensu_cb_0924"
member <- paste0(name, "/conjunto_de_datos/", name, ".csv")
unpacked <- unzip(archive, files = member, exdir = tempdir(), junkpaths = TRUE)
persons <- read.csv(unpacked, colClasses = "character", na.strings = character())

persons$weight <- as.numeric(persons$FAC_SEL)
torreon <- persons$CD == "07" & persons$CVE_ENT == "05" & persons$CVE_MUN == "035"
design <- svydesign(
  ids = ~UPM_DIS, strata = ~EST_DIS, weights = ~weight, data = persons, nest = TRUE
)

# One domain: the shares of some answers among its members, and their totals.
rows_of <- function(area, group, members, answers) {
  for (k in seq_along(answers$item))
    design$variables[[paste0("x", k)]] <- as.numeric(persons[[answers$item[k]]] == answers$answer[k])
  design$variables$everybody <- 1
  domain <- design[members, ]
  names <- paste0("x", seq_along(answers$item))
  totals <- svytotal(reformulate(c("everybody", names)), domain)
  shares <- svymean(reformulate(names), domain)
  data.frame(
    area = area, group = group, item = answers$item, answer = answers$answer, n = sum(members),
    base = unname(coef(totals)[1]), base_se = unname(SE(totals)[1]),
    total = unname(coef(totals)[-1]), total_se = unname(SE(totals)[-1]),
    share = unname(coef(shares)), share_se = unname(SE(shares))
  )
}

members_of <- function(area) {
  if (area == "mx") return(rep(TRUE, nrow(persons)))
  if (area == "07_035") return(torreon)
  persons$CD == area
}

everyone <- data.frame(
  item = c(rep("BP1_1", 3), paste0("BP1_4_", 1:8)), answer = c("1", "2", "9", rep("1", 8))
)
unsafe <- data.frame(item = "BP1_1", answer = "2")
bus <- data.frame(item = "BP1_2_09", answer = "2")
result <- do.call(rbind, lapply(c("mx", sort(unique(persons$CD)), "07_035"), function(area) {
  members <- members_of(area)
  rbind(
    rows_of(area, "all", members, everyone),
    rows_of(area, "woman", members & persons$SEXO == "2", unsafe),
    rows_of(area, "man", members & persons$SEXO == "1", unsafe),
    rows_of(area, "all", members & persons$BP1_2_09 != "3", bus)
  )
}))
for (column in c("base_se", "total_se", "share", "share_se"))
  result[[column]] <- signif(result[[column]], 13)
write.table(
  result, file.path(paths[2], "ensu_2024_09_r_survey.csv"),
  sep = ";", quote = FALSE, row.names = FALSE, eol = "\n"
)
cat(nrow(result), "rows, survey", as.character(packageVersion("survey")), "\n")
