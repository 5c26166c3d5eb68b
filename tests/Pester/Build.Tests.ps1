BeforeDiscovery {
    $why = $IsWindows ? ' (not run: build.sh is for Linux and macOS)' : ''
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')

    # build.sh with a 'dotnet' that is a script of the test's, and no other PowerShell than what the test names.
    function Invoke-BuildScript([string] $Runtime, [string] $Chosen, [string] $Pwsh, [string] $Node = '22', [string] $Task = 'build') {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
        $programs = @{
            dotnet = "[ `"`$1`" = --list-runtimes ] && echo 'Microsoft.NETCore.App $Runtime [/usr]' && exit 0; echo 'the registry is away'; exit 1"
            node   = "echo $Node"
        }
        foreach ($name in 'npm', 'sudo', 'apt-get', 'dnf', 'brew') {
            $programs[$name] = "echo 'called $name'; exit 1"
        }

        if ($Pwsh) {
            $programs.pwsh = $Pwsh
        }

        foreach ($name in $programs.Keys) {
            Set-Content -LiteralPath (Join-Path $folder $name) -Value '#!/bin/sh', $programs[$name]
            chmod +x (Join-Path $folder $name)
        }

        # What the script itself needs, without what else may be beside it.
        foreach ($name in 'dirname', 'sed', 'grep', 'id', 'uname', 'sh') {
            $null = New-Item -ItemType SymbolicLink -Path (Join-Path $folder $name) -Target (Get-Command $name -CommandType Application -TotalCount 1).Source
        }

        $before = Use-AmpTestVariable @{ PATH = $folder; AMP_BUILD_POWERSHELL = $Chosen }
        try {
            $output = & "$folder/sh" (Join-Path (Get-AmpTestLayout).Root 'build.sh') $Task -Configuration Debug 2>&1 | Out-String
            @{ Output = $output; ExitCode = $LASTEXITCODE }
        } finally {
            $null = Use-AmpTestVariable $before
        }
    }
}

Describe "The PowerShell of build.sh$why" -Skip:([bool] $why) {
    It 'that no .NET is new enough for is an error that says which one is needed' {
        $build = Invoke-BuildScript -Runtime '8.0.11'

        $build.ExitCode | Should -Be 1
        $build.Output | Should -Match 'needs \.NET 10'
        $build.Output | Should -Match '\.NET 8\.0\.11'
    }

    It 'that cannot be restored is an error that shows why' {
        $build = Invoke-BuildScript -Runtime '10.0.1'

        $build.ExitCode | Should -Be 1
        $build.Output | Should -Match 'the registry is away'
    }

    It 'is an installed one where the pinned one cannot be restored' {
        $build = Invoke-BuildScript -Runtime '10.0.1' -Pwsh 'echo "ran $*"'

        $build.ExitCode | Should -Be 0
        $build.Output | Should -Match 'ran .*-File \./build\.ps1 -Task build -Configuration Debug'
    }

    It 'is the one that AMP_BUILD_POWERSHELL names, and no other' {
        $build = Invoke-BuildScript -Runtime '10.0.1' -Pwsh 'echo "ran $*"' -Chosen '/no/such/pwsh'

        $build.ExitCode | Should -Be 1
        $build.Output | Should -Match "'/no/such/pwsh'"
        $build.Output | Should -Not -Match 'ran '
    }

    It 'is not an installed one that is too old' {
        $build = Invoke-BuildScript -Runtime '10.0.1' -Pwsh 'exit 1'

        $build.ExitCode | Should -Be 1
    }
}

Describe "What build.sh requires$why" -Skip:([bool] $why) {
    It 'it says, and installs none of it' {
        $build = Invoke-BuildScript -Runtime '10.0.1' -Pwsh 'echo "ran $*"' -Node 18 -Task test

        $build.ExitCode | Should -Be 0
        $build.Output | Should -Match 'Node\.js 20'
        $build.Output | Should -Match 'ran .*-Task test'
        $build.Output | Should -Not -Match 'called '
    }

    It 'is not asked for by its help' {
        $build = Invoke-BuildScript -Runtime '10.0.1' -Task '--help'

        $build.ExitCode | Should -Be 0
        $build.Output | Should -Match '^Usage: '
        $build.Output | Should -Not -Match 'called |export'
    }

    It 'is no other task than those that there are' {
        (Invoke-BuildScript -Runtime '10.0.1' -Task 'deploy').ExitCode | Should -Be 2
    }
}

Describe 'The Pester of the suite' {
    It 'is pinned with the hash of its package: <_>' -ForEach '6.2.0', '5.7.1' {
        $lock = Get-Content -Raw (Join-Path (Get-AmpTestLayout).Root "tools/TestModules/packages.$_.lock.json") | ConvertFrom-Json -AsHashtable
        $package = $lock.dependencies['.NETStandard,Version=v2.0'].Pester

        $package.resolved | Should -Be $_
        $package.contentHash | Should -Match '^[A-Za-z0-9+/]{86}==$'
    }
}
