#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    $builds = @(
        @{
            Build = '2026-01-08'; Need = 'JanuaryCli'; Version = '0.0.1767830505-ga62310'; Date = '2026-01-08'; Form = 'Node'
            Modes = 'free', 'rush', 'smart'; Has = 'threads fork'; Lacks = 'review'; Lack = '--archive'
        }
        @{
            Build = '2026-03-24'; Need = 'MarchCli'; Version = '0.0.1774310664-gcb98ac'; Date = '2026-03-24'; Form = 'Node'
            Modes = 'deep', 'free', 'large', 'rush', 'smart'; Has = 'review'; Lacks = 'threads fork'; Lack = '--title'
        }
        @{
            Build = '2026-09-23'; Need = 'NativeCli'; Version = '0.0.1790142911-g7618fb'; Date = '2026-09-23'; Form = 'Native'
            Modes = 'low', 'medium', 'high', 'ultra'; Has = 'threads export'; Lacks = 'threads fork'; Lack = '--archive'
        }
    )
    $builds | ForEach-Object { $_.Missing = Get-AmpTestGap $_.Need }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'Get-AmpCli of the CLI of <Build><Missing>' -ForEach $builds {
    BeforeAll {
        $place = Open-AmpTestPlace
        $path = (Get-AmpTestLayout).$Need
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'tells its version, date, form and modes' -Skip:([bool] $Missing) {
        $cli = Get-AmpCli $path -Environment $place.Environment

        $cli | Should -BeOfType [Amp.AmpCli]
        $cli.Path | Should -Be $path
        $cli.Version | Should -Be $Version
        $cli.ReleaseDate | Should -BeOfType [System.DateTimeOffset]
        $cli.ReleaseDate.UtcDateTime.ToString('yyyy-MM-dd') | Should -Be $Date
        "$($cli.Form)" | Should -Be $Form
        "$($cli.Source)" | Should -Be 'Explicit'
        $Modes | Where-Object { $_ -notin $cli.Modes } | Should -BeNullOrEmpty
        $cli.Options | Should -Contain '--stream-json-input'
        $cli.Options | Should -Not -Contain $Lack
        $cli.Commands | Should -Contain $Has
        $cli.Commands | Should -Not -Contain $Lacks
    }
}

Describe 'Get-AmpCli' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $environment = $call.Environment
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'finds the one that AMP_CLI_PATH names' {
        $environment.AMP_CLI_PATH = $call.CliPath
        $cli = Get-AmpCli -Environment $environment

        $cli.Path | Should -Be $call.CliPath
        "$($cli.Source)" | Should -Be 'EnvironmentVariable'
    }

    It 'finds the first one of PATH that can be executed, through links' -Skip:$IsWindows {
        $folders = 1..3 | ForEach-Object { (New-Item -ItemType Directory -Path (Join-Path $place.Root "bin-$_")).FullName }
        Set-Content -LiteralPath (Join-Path $folders[1] 'amp') -Value 'not executable'
        $null = New-Item -ItemType SymbolicLink -Path (Join-Path $folders[2] 'amp') -Target $call.CliPath
        $environment.PATH = ($folders + '/usr/bin') -join ':'
        $cli = Get-AmpCli -Environment $environment

        $cli.Path | Should -Be (Join-Path $folders[2] 'amp')
        "$($cli.Source)" | Should -Be 'SearchPath'
    }

    It 'finds the one that an installer has put into the home folder' -Skip:$IsWindows {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $place.UserHome '.local/bin')).FullName
        $null = New-Item -ItemType SymbolicLink -Path (Join-Path $folder 'amp') -Target $call.CliPath
        $environment.PATH = '/usr/bin'
        "$((Get-AmpCli -Environment $environment).Source)" | Should -Be 'HomeFolder'
    }

    It 'says of <What> what is wrong, which file, and what to do' -ForEach @(
        @{ What = 'a file that is not there'; Prepare = { '/no/amp' }; Message = '*/no/amp*' }
        @{ What = 'another program'; Prepare = { $environment.AMP_FAKE_VERSION = '1.4.0'; $call.CliPath }; Message = '*not the Amp CLI*1.4.0*' }
        @{ What = 'a folder'; Prepare = { $place.Project }; Message = '*is a folder*' }
    ) {
        $path = & $Prepare
        $caught = try { Get-AmpCli $path -Environment $environment } catch { $_ }

        $caught.FullyQualifiedErrorId | Should -Be 'CliNotFound,Amp.PowerShell.Commands.GetAmpCliCommand'
        $caught.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $caught.TargetObject | Should -Be $path
        $caught.Exception.Message | Should -BeLike $Message
        $caught.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'does not need a location in the file system' {
        Push-Location Env:
        try {
            (Get-AmpCli $call.CliPath -Environment $environment).Version | Should -Be '0.0.1774310664-gcb98ac'
        } finally {
            Pop-Location
        }
    }

    It 'asks again when the file has changed' -Skip:$IsWindows {
        $script = Join-Path $place.Root 'amp'
        $wrapper = "#!/bin/sh`nAMP_FAKE_VERSION={0} exec '$($call.CliPath)' `"`$@`""
        foreach ($version in '0.0.1770000001-gaaaaaa', '0.0.1780000002-gbbbbbb') {
            Set-Content -LiteralPath $script -Value ($wrapper -f $version)
            chmod +x $script
            (Get-Item -LiteralPath $script).LastWriteTimeUtc = [datetime]::UnixEpoch.AddSeconds([long] $version.Substring(4, 10))
            $cli = Get-AmpCli $script -Environment $environment
            $cli.Version | Should -Be $version
            "$($cli.Form)" | Should -Be 'Script'
        }
    }

    It 'shows path, version, date, form and modes' {
        $text = Get-AmpCli $call.CliPath -Environment $environment | Out-String

        foreach ($part in $call.CliPath, '0.0.1774310664-gcb98ac', 'Native', 'smart', 'private') {
            $text | Should -BeLike "*$part*"
        }
    }
}
