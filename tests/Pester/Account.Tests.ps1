#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = @(
        @{ Build = '2026-01-08'; Need = 'JanuaryCli'; HasUsage = $false }
        @{ Build = '2026-03-24'; Need = 'MarchCli'; HasUsage = $true }
        @{ Build = '2026-09-23'; Need = 'NativeCli'; HasUsage = $true }
    )
    $builds | ForEach-Object { $_.Missing = Get-AmpTestGap $_.Need }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace

    function Get-Call([string] $CliPath, [hashtable] $Variable) {
        $environment = $place.Environment + @{}
        foreach ($name in $Variable.Keys) {
            $environment[$name] = $Variable[$name]
        }

        @{ CliPath = $CliPath; WorkingDirectory = $place.Project; Environment = $environment }
    }
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'The account by the CLI of <Build><Missing>' -ForEach $builds {
    BeforeAll {
        $cli = (Get-AmpTestLayout).$Need
        $service = Open-AmpLocalService $place
        $good = Get-Call $cli @{ AMP_URL = $service.Url; AMP_API_KEY = 'local-key-0123456789' }
        $offline = Get-Call $cli @{ AMP_URL = 'http://127.0.0.1:1'; AMP_API_KEY = 'local-key-0123456789' }
    }

    It 'tells its credit, where the CLI can' -Skip:([bool] $Missing) {
        if (-not $HasUsage) {
            { Get-AmpUsage @good } | Should -Throw -ErrorId 'UnsupportedByCli,*'
            return
        }

        $usage = Get-AmpUsage @good
        $usage | Should -BeOfType [Amp.AccountCredit]
        $usage.Text | Should -Be 'Local service: nothing is billed.'
        $usage.Balances | Should -BeNullOrEmpty
        { Get-AmpUsage @offline } | Should -Throw -ErrorId 'ServiceUnreachable,*'
    }

    It 'passes all checks when all is well' -Skip:([bool] $Missing) {
        $checks = Test-AmpConnection @good

        $checks | Should -BeOfType [Amp.ConnectionCheck]
        $checks.Name | Should -Be 'Cli', 'Key', 'Service'
        $checks.Passed | Should -Not -Contain $false
        $checks[0].Detail | Should -BeLike "*0.0.*$cli*"
        $checks[2].Detail | Should -BeLike "*$($service.Url)*"
        "$($checks.Detail)" | Should -Not -BeLike '*local-key*'
        Test-AmpConnection @good -Quiet | Should -BeExactly $true
    }

    It 'is unreachable when the service is down' -Skip:([bool] $Missing) {
        $checks = Test-AmpConnection @offline

        $checks.Passed | Should -Be $true, $true, $false
        $checks[2].ErrorId | Should -Be 'ServiceUnreachable'
        $checks[2].RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'is not asked for a login without a key' -Skip:([bool] $Missing) {
        # A browser that a login would open would leave its mark.
        $mark = Join-Path $place.Root "browser-$Build"
        $bin = (New-Item -ItemType Directory -Force (Join-Path $place.Root 'browser')).FullName
        if (-not $IsWindows) {
            foreach ($name in 'xdg-open', 'open') {
                Set-Content -LiteralPath (Join-Path $bin $name) -Value "#!/bin/sh`ntouch '$mark'"
                chmod +x (Join-Path $bin $name)
            }
        }

        $locked = Open-AmpLocalService $place -ApiKey 'the-right-key-0123456789'
        $variable = @{ AMP_URL = $locked.Url; PATH = "$bin$([System.IO.Path]::PathSeparator)$env:PATH"; BROWSER = Join-Path $bin 'xdg-open' }
        $without = Get-Call $cli $variable
        $checks = Test-AmpConnection @without

        $checks.Passed | Should -Be $true, $false, $HasUsage
        $checks[1].ErrorId | Should -Be 'NotAuthenticated'
        $checks[1].RecommendedAction | Should -BeLike '*AMP_API_KEY*'
        $mark | Should -Not -Exist
        $wrong = Get-Call $cli ($variable + @{ AMP_API_KEY = 'wrong-key-canary' })
        $checks = Test-AmpConnection @wrong
        $checks.Passed | Should -Be $true, $false, $true
        $checks[1].Detail | Should -BeLike '*does not accept*'
        "$($checks | Format-List | Out-String)" | Should -Not -BeLike '*canary*'
    }
}

Describe 'Test-AmpConnection' {
    It 'says where there is no CLI, or another program' {
        $nothing = Get-Call (Join-Path $place.Root 'nothing') @{}
        $checks = Test-AmpConnection @nothing
        $checks.Passed | Should -Be $false, $false, $false
        $checks[0].ErrorId | Should -Be 'CliNotFound'
        Test-AmpConnection @nothing -Quiet | Should -BeExactly $false
        $other = Get-AmpFakeCall $place -Variable @{ AMP_FAKE_VERSION = 'amp 5.1, an editor' }
        (Test-AmpConnection @other)[0].Detail | Should -BeLike '*is not the Amp CLI*an editor*'
    }

    It 'says that a service without an answer gave none' {
        $empty = Get-AmpFakeCall $place 'exit 0' -Variable @{ AMP_API_KEY = 'x' }
        $checks = Test-AmpConnection @empty

        $checks.Passed | Should -Be $true, $true, $false
        $checks[2].ErrorId | Should -Be 'InvalidStreamJson'
        Test-AmpConnection @empty -Quiet | Should -BeExactly $false
    }

    It 'ends a CLI that hangs, within the time limit' {
        $hanging = Get-AmpFakeCall $place 'ignore TERM,INT', 'hang' -Variable @{ AMP_API_KEY = 'x' }
        $checks = Test-AmpConnection @hanging -TimeoutSec 1

        $checks.Passed | Should -Be $true, $true, $false
        $checks[2].ErrorId | Should -Be 'Timeout'
    }

    It 'ends a login at once' {
        $login = Get-AmpFakeCall $place 'out No API key found. Starting login flow...', 'ignore TERM,INT', 'hang'
        (Test-AmpConnection @login)[1].ErrorId | Should -Be 'NotAuthenticated'
    }

    It 'finds what a login has left' {
        $data = Join-Path $place.Root 'data'
        $null = New-Item -ItemType Directory (Join-Path $data 'amp')
        Set-Content -LiteralPath (Join-Path $data 'amp/secrets.json') -Value '{"apiKey@https://ampcode.com/":"canary"}'
        $stored = Get-AmpFakeCall $place 'out Signed in as me' -Variable @{ XDG_DATA_HOME = $data }
        $checks = Test-AmpConnection @stored

        $checks.Passed | Should -Not -Contain $false
        $checks[1].Detail | Should -BeLike '*secrets.json*'
    }
}

Describe 'Get-AmpUsage' {
    It 'reads amounts from what the service says, and keeps its words' {
        $call = Get-AmpFakeCall $place 'out Signed in as me@example.com (me)',
            'out Amp Free: $1,017.59/$2,000 remaining (replenishes +$0.83/hour) - https://ampcode.com/settings#amp-free',
            'out Individual credits: $0 remaining - https://ampcode.com/settings', 'out Something new'
        $usage = Get-AmpUsage @call

        $usage.Account | Should -Be 'me@example.com'
        $usage.Balances.Name | Should -Be 'Amp Free', 'Individual credits'
        $usage.Balances.Remaining | Should -Be 1017.59, 0
        $usage.Balances.Limit | Should -Be 2000, $null
        $usage.Text | Should -BeLike '*Something new'
    }

    It 'passes over amounts that do not fit, and keeps the words' {
        $call = Get-AmpFakeCall $place 'out Amp Free: $99999999999999999999999999999999/$20 remaining',
            'out Individual credits: $٣ remaining',
            'out Team: $5/$99999999999999999999999999999999 remaining'
        $usage = Get-AmpUsage @call

        $usage.Balances.Name | Should -Be 'Team'
        $usage.Balances.Remaining | Should -Be 5
        $usage.Balances.Limit | Should -BeNullOrEmpty
        $usage.Text | Should -BeLike 'Amp Free*Individual credits*'
    }

    It 'that is empty or hangs is an error' {
        $empty = Get-AmpFakeCall $place 'exit 0'
        { Get-AmpUsage @empty } | Should -Throw -ErrorId 'InvalidStreamJson,*'
        $hanging = Get-AmpFakeCall $place 'hang'
        { Get-AmpUsage @hanging -TimeoutSec 1 } | Should -Throw -ErrorId 'Timeout,*'
    }
}
