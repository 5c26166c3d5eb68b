@{
    RootModule           = 'Amp.Bench.Empty.dll'
    FormatsToProcess     = @('OneView.Format.ps1xml')
    TypesToProcess       = @('OneAlias.Types.ps1xml')
    ModuleVersion        = '0.1.0'
    GUID                 = '2c1f8b0e-9f0a-4a7a-8a54-0f4f0d2d9c55'
    Author               = 'Amp for PowerShell contributors'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    CmdletsToExport      = @('Get-Nothing')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
}
