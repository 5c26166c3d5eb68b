#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'Invoke-AmpAgent -WhatIf' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $canary = 'sgamp_canary_0123456789abcdef'
        $promptCanary = 'prompt-canary-4711'
        $call = Get-AmpFakeCall $place 'echo' -Variable @{ AMP_API_KEY = $canary; MY_DATABASE = 'value-canary-0815' }

        function Get-Snapshot {
            foreach ($folder in $place.UserHome, $place.Temp, $place.Project) {
                Get-ChildItem -LiteralPath $folder -Recurse -Force | ForEach-Object {
                    "$($_.FullName) $($_.LastWriteTimeUtc.Ticks) $($_.PSIsContainer ? '' : $_.Length)"
                }
            }
        }

        Set-Content -LiteralPath (Join-Path $place.Project 'file') -Value 'x'
        $before = Get-Snapshot
        $script = @"
`$output = Invoke-AmpAgent '$promptCanary' @call -WhatIf -Verbose -Mode 'a b'
"output: `$(@(`$output).Count)"
"errors: `$(`$Error.Count)"
"@
        $shell = Invoke-AmpTestShell $place $script -Call $call
        $after = Get-Snapshot
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'shows the command, the folder, the settings and the names of the variables' {
        $shell.ExitCode | Should -Be 0
        $shell.Output | Should -BeLike 'What if: Run the Amp agent.*'
        $shell.Output | Should -BeLike "*command:*$($call.CliPath) --execute --stream-json*"
        $shell.Output | Should -BeLike "*'--mode=a b'*"
        $shell.Output | Should -BeLike "*folder:*$($place.Project)*"
        $shell.Output | Should -BeLike "*settings:*$($place.UserHome)*settings.json (does not exist)*"
        $shell.Output | Should -Match '(?m)^  variables:.*\bAMP_API_KEY\b.*\bMY_DATABASE\b'
        $shell.Output | Should -BeLike '*prompt:*18 characters, by standard input*'
    }

    It 'shows no value of a variable and nothing of the prompt' {
        "$($shell.Output) $($shell.Error)" | Should -Not -Match 'canary'
    }

    It 'gives nothing and fails with nothing' {
        $shell.Output | Should -BeLike '*output: 0*errors: 0*'
        $shell.Error | Should -BeNullOrEmpty
    }

    It 'starts no process' {
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'writes nothing' {
        $after | Should -Be $before
    }
}

Describe 'What Invoke-AmpAgent shows of a run' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $canary = 'sgamp_canary_0123456789abcdef'
        $call = Get-AmpFakeCall $place 'echo' -Variable @{ AMP_API_KEY = $canary; MY_TOKEN = 'value-canary-0815' }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'with -WhatIf is one description for each piped prompt, and no run' {
        $shell = Invoke-AmpTestShell $place "'one', 'two' | Invoke-AmpAgent @call -WhatIf" -Call $call

        [regex]::Matches($shell.Output, 'What if: ').Count | Should -Be 2
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'with -WhatIf still refuses what cannot be run' {
        $call.WorkingDirectory = '/no-folder'
        { Invoke-AmpAgent 'go' @call -WhatIf } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'with -WhatIf of a CLI that is known already has the options it knows' {
        Invoke-AmpAgent 'go' @call | Out-Null
        $before = @(Get-AmpFakeRecord $place).Count
        $shell = Invoke-AmpTestShell $place 'Get-AmpCli $call.CliPath -Environment $call.Environment | Out-Null
            Invoke-AmpAgent go @call -WhatIf' -Call $call

        $shell.Output | Should -BeLike '*--no-ide*'
        $shell.Output | Should -Not -BeLike '*not known yet*'
        @(Get-AmpFakeRecord $place).Count | Should -Be $before -Because 'the answers of the first run were kept'
    }

    It 'with -Verbose has the CLI and the thread, and no secret' {
        $all = Invoke-AmpAgent 'prompt-canary' @call -Verbose 4>&1
        $verbose = "$($all | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })"

        $verbose | Should -BeLike "*0.0.1774310664-gcb98ac*$($call.CliPath)*"
        $verbose | Should -BeLike "*$(@($all | Where-Object { $_ -is [Amp.ResultMessage] }).ThreadId)*"
        $verbose | Should -Not -Match 'canary'
    }

    It 'in a failed run''s error has no secret' {
        Set-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT -Value 'err no', 'exit 1'
        $Error.Clear()
        Invoke-AmpAgent 'prompt-canary' @call -ErrorAction SilentlyContinue

        $Error.Count | Should -Be 1
        $Error | Format-List * -Force | Out-String | Should -Not -Match 'canary_0123|value-canary'
    }

    It 'is asked before where the user has cmdlets ask, and nothing runs without a yes' {
        $shell = Invoke-AmpTestShell $place '$ConfirmPreference = "Low"; Invoke-AmpAgent go @call' -Call $call

        $shell.Error | Should -Not -BeNullOrEmpty -Because 'a shell that is not interactive cannot ask'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'The switch -DangerouslyAllowAll' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'typed as -<_> is refused, and nothing is started' -ForEach @(
        'D', 'Dangerous', 'DangerouslyAllow', 'DangerouslyAllowAl', 'DangerouslyAllowAllM', 'DangerouslyAllowAllMustBeTypedInFull'
    ) {
        $switch = @{ $_ = $true }
        { Invoke-AmpAgent 'go' @call @switch } | Should -Throw
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'typed in full reaches the CLI' {
        Invoke-AmpAgent 'go' @call -DangerouslyAllowAll | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).arguments | Should -Contain '--dangerously-allow-all'
    }

    It 'left away or false does not' {
        Invoke-AmpAgent 'go' @call | Out-Null
        Invoke-AmpAgent 'go' @call -DangerouslyAllowAll:$false | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).arguments | Should -Not -Contain '--dangerously-allow-all'
    }
}
