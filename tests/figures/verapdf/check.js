// Runs veraPDF's PDF/UA-1 profile on each file named; one JSON line a file. Run by Rhino, which the veraPDF jar holds.
var Foundry = Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
var Foundries = Packages.org.verapdf.pdfa.Foundries;
var Flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour;
var quiet = java.util.logging.LogManager.getLogManager();
quiet.reset();
Foundry.initialise();
var foundry = Foundries.defaultInstance();
for (var i = 0; i < arguments.length; i++) {
  var parser = foundry.createParser(new java.io.FileInputStream(arguments[i]), Flavour.PDFUA_1);
  var validator = foundry.createValidator(Flavour.PDFUA_1, 100, false, false, false);
  var result = validator.validate(parser);
  var failures = [];
  var assertions = result.getTestAssertions();
  for (var j = 0; j < assertions.size(); j++) {
    var rule = assertions.get(j).getRuleId();
    failures.push(rule.getClause() + "-" + rule.getTestNumber() + " " + assertions.get(j).getMessage() + " @ " + assertions.get(j).getLocation().getContext());
  }
  print(JSON.stringify({checks: result.getTotalAssertions(), compliant: Boolean(result.isCompliant()), failures: failures}));
}
