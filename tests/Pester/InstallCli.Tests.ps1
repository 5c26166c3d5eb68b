#Requires -Version 7.4

BeforeDiscovery {
    # One real installation, where the registry of npm's configuration can be reached.
    $gap = ''
    if (-not (Get-Command npm -CommandType Application -ErrorAction Ignore)) {
        $gap = ' (not run: npm is not on PATH)'
    } else {
        $known = npm view '@sourcegraph/amp@0.0.1774310664-gcb98ac' version --fetch-retries=0 --loglevel=silent 2>$null
        if ("$known".Trim() -ne '0.0.1774310664-gcb98ac') {
            $gap = ' (not run: the npm registry cannot be reached)'
            Write-Warning 'The npm registry cannot be reached: nothing is really installed.'
        }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
    $folder = Join-Path $place.Root 'opt/amp cli'
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'Install-AmpCli' {
    It 'starts and writes nothing with -WhatIf' {
        Install-AmpCli -Path $folder -Environment ($place.Environment + @{ PATH = '/nowhere' }) -WhatIf
        $folder | Should -Not -Exist
        Get-ChildItem -LiteralPath $place.UserHome -Force | Should -BeNullOrEmpty
    }

    It 'says so where the registry cannot be reached' -Skip:(-not (Get-Command npm -ErrorAction Ignore)) {
        $offline = $place.Environment + @{
            PATH = $env:PATH
            npm_config_registry = 'http://127.0.0.1:1/'
            npm_config_cache = Join-Path $place.Root 'npm-cache'
        }
        { Install-AmpCli -Path $folder -Environment $offline } |
            Should -Throw -ErrorId 'ServiceUnreachable,Amp.PowerShell.Commands.InstallAmpCliCommand'
        Get-ChildItem -LiteralPath $folder -Force | Where-Object Name -ne '.lock' | Should -BeNullOrEmpty
    }

    It "installs a real CLI, which runs by its path$gap" -Skip:([bool] $gap) {
        # npm asks what it asks for this user; its configuration is in the real home.
        $environment = @{ npm_config_cache = Join-Path $place.Root 'npm-cache'; AMP_CLI_PATH = $null; XDG_CACHE_HOME = $place.Environment.XDG_CACHE_HOME }
        $installed = Install-AmpCli 0.0.1774310664-gcb98ac -Path $folder -Environment $environment -WarningAction SilentlyContinue

        $installed | Should -BeOfType [Amp.CliInstallation]
        $installed.Version | Should -Be '0.0.1774310664-gcb98ac'
        $installed.Path | Should -BeLike "$folder*"
        $installed.IsFound | Should -BeFalse
        $installed.RecommendedAction | Should -BeLike "*AMP_CLI_PATH*$($installed.Path)*"
        $named = $place.Environment.Clone()
        $named.AMP_CLI_PATH = $installed.Path
        $found = Get-AmpCli -Environment $named
        $found.Version | Should -Be $installed.Version
        "$($found.Form)" | Should -Be 'Node'
    }
}
