@{
    # All default rules, warnings included. What is only information stays with the reader.
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')
    ExcludeRules        = @(
        # Pester hands the variables of BeforeAll to its tests; the rule takes each of them for unused.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The PowerShell that this needs reads UTF-8 without a byte order mark, which .editorconfig asks for.
        'PSUseBOMForUnicodeEncodedFile'
    )
    Rules               = @{
        PSAvoidExclaimOperator             = @{ Enable = $true }
        PSAvoidSemicolonsAsLineTerminators = @{ Enable = $true }
        PSUseCompatibleSyntax              = @{ Enable = $true; TargetVersions = @('7.0') }
    }
}
