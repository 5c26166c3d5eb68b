@{
    # All default rules, warnings included. What is only information stays with the reader.
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')

    # Pester hands the variables of BeforeAll to its tests; the rule takes each of them for unused.
    ExcludeRules        = @('PSUseDeclaredVarsMoreThanAssignments')
    Rules               = @{
        PSAvoidExclaimOperator             = @{ Enable = $true }
        PSAvoidSemicolonsAsLineTerminators = @{ Enable = $true }
        PSUseCompatibleSyntax              = @{ Enable = $true; TargetVersions = @('7.0') }
    }
}
