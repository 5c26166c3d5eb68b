#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Import-Module $layout.Module
}

Describe 'The built module' {
    It 'has its own files and no others' {
        $folder = Split-Path $layout.Module
        $files = Get-ChildItem -LiteralPath $folder -Recurse -File | ForEach-Object { [System.IO.Path]::GetRelativePath($folder, $_.FullName) }

        # An assembly of somebody else's would meet other versions of itself in PowerShell: it belongs to dependencies, which are
        # loaded apart.
        $files | Where-Object { $_ -like '*.dll' -and $_ -notmatch '[\\/]' } | Sort-Object | Should -Be 'Amp.PowerShell.dll', 'Amp.Sdk.dll'
        $dependencies = 'Amp.Sdk.ToolServer', 'Humanizer', 'Json.More', 'JsonPointer.Net', 'JsonSchema.Net', 'Microsoft.Extensions.AI.Abstractions',
            'Microsoft.Extensions.DependencyInjection.Abstractions', 'Microsoft.Extensions.Logging.Abstractions', 'ModelContextProtocol.Core',
            'System.Diagnostics.DiagnosticSource', 'System.IO.Pipelines',
            'System.Net.ServerSentEvents', 'System.Text.Encodings.Web', 'System.Text.Json' | ForEach-Object { Join-Path 'dependencies' "$_.dll" }
        $files | Where-Object { $_ -match '^dependencies[\\/]' } | Sort-Object | Should -Be $dependencies
        $expected = 'Amp.psd1', 'Amp.Format.ps1xml', 'Amp.Account.Format.ps1xml', 'Amp.Checkpoint.Format.ps1xml', 'Amp.Replay.Format.ps1xml', 'Amp.Schedule.Format.ps1xml', 'Amp.Settings.Format.ps1xml', 'Amp.Types.ps1xml',
            'Amp.PowerShell.dll', 'Amp.Sdk.dll', 'LICENSE', 'THIRD-PARTY-NOTICES.txt',
            'Amp.PowerShell.pdb', 'Amp.Sdk.pdb', (Join-Path 'en-US' 'Amp.PowerShell.dll-Help.xml')
        $expected += Get-ChildItem (Join-Path $layout.Root 'docs/help/about_*.md') | ForEach-Object { Join-Path 'en-US' "$($_.BaseName).help.txt" }
        $files | Where-Object { $_ -notin $expected -and $_ -notmatch '^(en-US|dependencies)[\\/]' } | Should -BeNullOrEmpty
        $expected | Where-Object { $_ -notlike '*.pdb' -and $_ -notin $files } | Should -BeNullOrEmpty
    }

    It 'has a valid manifest for PowerShell 7.4 and later' {
        $manifest = Test-ModuleManifest -Path $layout.Module

        $manifest.Version | Should -BeGreaterThan ([version] '0.0.0')
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
        $manifest.Description | Should -Not -BeNullOrEmpty
        $manifest.PrivateData.PSData.LicenseUri | Should -Not -BeNullOrEmpty
    }

    It 'exports the cmdlets that the manifest names, and nothing else' {
        $data = Import-PowerShellDataFile -LiteralPath $layout.Module
        $loaded = Get-Module Amp

        $loaded.ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
        $loaded.ExportedFunctions.Count | Should -Be 0
        $loaded.ExportedAliases.Count | Should -Be 0
        $loaded.ExportedVariables.Count | Should -Be 0
        $all = $loaded.ImplementingAssembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        $all | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object) -Because 'a cmdlet that is not exported is not there'
    }

    It 'loads and leaves without a word' {
        $place = Open-AmpTestPlace
        try {
            $shell = Invoke-AmpTestShell $place 'Get-Command -Module Amp | Out-Null; Remove-Module Amp; Import-Module $env:AMP_TEST_MODULE' `
                -Variable @{ AMP_TEST_MODULE = $layout.Module }
        } finally {
            Close-AmpTestPlace $place
        }

        $shell.Output | Should -BeNullOrEmpty
        $shell.Error | Should -BeNullOrEmpty
        $shell.ExitCode | Should -Be 0
    }

    It 'knows its types before the first run' {
        $place = Open-AmpTestPlace
        try {
            $shell = Invoke-AmpTestShell $place '[Amp.AssistantMessage].FullName; [Amp.AmpCliNotFoundException].FullName'
        } finally {
            Close-AmpTestPlace $place
        }

        $shell.Error | Should -BeNullOrEmpty
        $shell.Output.Trim() | Should -Be "Amp.AssistantMessage$([System.Environment]::NewLine)Amp.AmpCliNotFoundException"
    }

    It 'needs nothing newer than what PowerShell 7.4 has' {
        $assemblies = [Amp.AmpClient].Assembly, (Get-Command Invoke-AmpAgent).ImplementingType.Assembly
        $assemblies.GetName().Name | Should -Be 'Amp.Sdk', 'Amp.PowerShell'
        $newer = $assemblies.GetReferencedAssemblies() | Where-Object { $_.Name -like 'System.*' -and $_.Version -gt [version] '8.0.0.0' }
        $newer | ForEach-Object FullName | Should -BeNullOrEmpty
    }

    It 'has an SDK that knows nothing of PowerShell' {
        $sdk = [Amp.AmpClient].Assembly
        $sdk.GetReferencedAssemblies().Name | Where-Object { $_ -like '*Automation*' -or $_ -like 'Microsoft.PowerShell*' } |
            Should -BeNullOrEmpty
    }
}

Describe 'The page about errors' {
    BeforeAll {
        $ids = [Amp.AmpErrorId].GetFields() | ForEach-Object Name
    }

    It 'has every ID and no other, with its category: <_>' -ForEach @(
        'docs/help/about_Amp_Errors.md', 'out/Amp/en-US/about_Amp_Errors.help.txt'
    ) {
        $page = Get-Content -Raw -LiteralPath (Join-Path $layout.Root $_)
        $entry = '(?m)^(?:\| `(\w+)` \| `(\w+)` \||    (\w+)\r?\n        Category: +(\w+))'
        $entries = [regex]::Matches($page, $entry) | ForEach-Object { , @($_.Groups[1, 2, 3, 4].Where{ $_.Success }.Value) }

        $entries | ForEach-Object { $_[0] } | Sort-Object | Should -Be ($ids | Sort-Object)
        $category = @{}
        foreach ($one in $entries) {
            $category[$one[0]] = $one[1]
        }

        $category.AgentError | Should -Be 'InvalidResult'
        $category.Values | Should -BeIn ([System.Enum]::GetNames([System.Management.Automation.ErrorCategory]))
    }

    It 'names exceptions that exist' {
        $page = Get-Content -Raw -LiteralPath (Join-Path $layout.Root 'docs/help/about_Amp_Errors.md')
        $names = [regex]::Matches($page, 'Amp\.\w+Exception').Value | Sort-Object -Unique
        $names | ForEach-Object { ($_ -as [type]).FullName } | Should -Be $names
    }
}

Describe 'Two versions of the module' {
    It 'in one session are an error at the second, or the same cmdlets' {
        $place = Open-AmpTestPlace
        try {
            $copy = Join-Path $place.Root 'Amp'
            Copy-Item -Recurse (Split-Path (Get-AmpTestLayout).Module) $copy
            (Get-Content -Raw (Join-Path $copy 'Amp.psd1')) -replace "ModuleVersion\s*=\s*'[^']*'", "ModuleVersion = '99.0.0'" | Set-Content (Join-Path $copy 'Amp.psd1')
            $shell = Invoke-AmpTestShell $place "try { Import-Module '$copy/Amp.psd1' -ErrorAction Stop; 'imported' } catch { 'refused' }; (New-AmpPermission Bash Allow).ToJson()"
            $lines = @($shell.Output -split '\r?\n' | Where-Object { $_ })
            $lines[0] | Should -BeIn 'imported', 'refused'
            $lines[-1] | Should -Be '{"tool":"Bash","action":"allow"}'
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
