#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # In these words the CLI tells of a call that a rule has rejected.
    $denied = "Tool execution rejected by user: Bash(git push)"
    $agentError = 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    $denialSteps = @(
        'init'
        Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'git push' }
        Get-AmpFakeToolStep -Result $denied -Failed
        'assistant I cannot.'
        'result I cannot.'
    )
}

Describe 'What came of a run' {
    BeforeEach {
        $place = Open-AmpTestPlace

        # The result, and the warnings and errors beside it.
        function Get-Outcome([string[]] $Step, [hashtable] $More = @{}) {
            $call = Get-AmpFakeCall $place $Step
            $result = Invoke-AmpAgent 'go' @call @More -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue `
                -ErrorVariable errors -ErrorAction SilentlyContinue
            [pscustomobject]@{ Result = $result; Warnings = @($warnings); Errors = @($errors) }
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is a success where the agent answered, and says no more' {
        $run = Get-Outcome 'echo'

        $run.Result.Outcome | Should -Be 'Succeeded'
        $run.Result.Outcome | Should -BeOfType [Amp.ResultOutcome]
        $run.Result.Denials | Should -BeNullOrEmpty
        $run.Result.ToolUseCount | Should -Be 0
        $run.Result.FilesTouched | Should -BeNullOrEmpty
        $run.Warnings.Count | Should -Be 0
        $run.Errors.Count | Should -Be 0
    }

    It 'counts tools, and names the files that were written, each once' {
        $run = Get-Outcome @(
            'init'
            Get-AmpFakeToolStep -Name create_file -Argument @{ path = '/srv/a.txt'; content = 'x' } -Id t1
            Get-AmpFakeToolStep -Result 'done' -Id t1
            Get-AmpFakeToolStep -Name edit_file -Argument @{ path = '/srv/b.txt'; old_str = 'x'; new_str = 'y' } -Id t2
            Get-AmpFakeToolStep -Result 'done' -Id t2
            Get-AmpFakeToolStep -Name edit_file -Argument @{ path = '/srv/a.txt'; old_str = 'x'; new_str = 'y' } -Id t3
            Get-AmpFakeToolStep -Result 'done' -Id t3
            Get-AmpFakeToolStep -Name Read -Argument @{ path = '/srv/c.txt' } -Id t4
            Get-AmpFakeToolStep -Result 'text' -Id t4
            'assistant Done.'
            'result Done.'
        )

        $run.Result.ToolUseCount | Should -Be 4
        $run.Result.FilesTouched | Should -Be '/srv/a.txt', '/srv/b.txt'
        $run.Result.Outcome | Should -Be 'Succeeded'
        $run.Warnings.Count | Should -Be 0
    }

    It 'is a warning where <Name>: <Outcome>' -ForEach @(
        @{ Name = 'the result is empty'; Outcome = 'Empty'; Steps = 'init', 'assistant Hm.', 'result  ' }
        @{ Name = 'no turn was taken'; Outcome = 'Empty'; Steps = 'init', 'user go', 'result  ' }
        @{
            Name = 'the last block is a tool call'; Outcome = 'Truncated'
            Steps = 'init', 'CALL', 'result I will look.'
        }
    ) {
        $callStep = Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls' }
        $run = Get-Outcome ($Steps -replace '^CALL$', $callStep.Replace('$', '$$'))

        $run.Result.Outcome | Should -Be $Outcome
        $run.Result.IsError | Should -BeFalse
        $run.Errors.Count | Should -Be 0
        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -BeLike "*-ThreadId $($run.Result.ThreadId).*"
    }

    It 'is a warning where a tool was denied, which names the tool and the ways out' {
        $run = Get-Outcome $denialSteps

        $run.Result.Outcome | Should -Be 'Denied'
        $run.Result.Denials.Count | Should -Be 1
        $run.Result.Denials[0] | Should -BeOfType [Amp.ToolDenial]
        $run.Result.Denials[0].Tool | Should -Be 'Bash'
        $run.Result.Denials[0].Reason | Should -Be $denied
        $run.Errors.Count | Should -Be 0
        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -BeLike "*Bash: $denied*-Permission*-FailOnDenial*"
    }

    It 'stays a warning of one line where hundreds of calls were denied' {
        $steps = @('init') + @(1..200 | ForEach-Object {
                Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'git push' } -Id "t$_"
                Get-AmpFakeToolStep -Result $denied -Failed -Id "t$_"
            }) + 'assistant No.' + 'result No.'
        $run = Get-Outcome $steps

        $run.Result.Denials.Count | Should -Be 200
        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -BeLike '*and 197 more*'
        $run.Warnings[0].Message.Length | Should -BeLessThan 500
    }

    It 'has no control characters of a denial in its warning' {
        $run = Get-Outcome @(
            'init'
            Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'x' }
            Get-AmpFakeToolStep -Result "Tool execution rejected by user: `e]0;title`a`e[31mred" -Failed
            'assistant No.'
            'result No.'
        )

        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -Not -Match '[\x00-\x1f]'
    }

    It 'is an error instead with -FailOnDenial, and the result is there all the same' {
        $run = Get-Outcome $denialSteps @{ FailOnDenial = $true }

        $run.Result.Outcome | Should -Be 'Denied'
        $run.Result.IsError | Should -BeFalse
        $run.Warnings.Count | Should -Be 0
        $run.Errors.Count | Should -Be 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Be $agentError
        $run.Errors[0].CategoryInfo.Category | Should -Be 'InvalidResult'
        $run.Errors[0].Exception | Should -BeOfType [Amp.AmpAgentException]
        $run.Errors[0].Exception.Result.Denials[0].Tool | Should -Be 'Bash'
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'is caught with -FailOnDenial -ErrorAction Stop' {
        $call = Get-AmpFakeCall $place $denialSteps
        { Invoke-AmpAgent 'go' @call -FailOnDenial -ErrorAction Stop } | Should -Throw -ErrorId $agentError
    }

    It 'is no error with -FailOnDenial where nothing was denied' {
        $run = Get-Outcome 'echo' @{ FailOnDenial = $true }
        $run.Errors.Count | Should -Be 0
    }

    It 'of a failed run is an error without a warning' {
        $run = Get-Outcome 'init', 'error it broke'

        $run.Result.Outcome | Should -Be 'Failed'
        $run.Errors.FullyQualifiedErrorId | Should -Be $agentError
        $run.Warnings.Count | Should -Be 0
    }

    It 'of each of several prompts has a warning of its own' {
        $call = Get-AmpFakeCall $place 'init', 'assistant x', 'result  '
        'a', 'b' | Invoke-AmpAgent @call -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null

        $warnings.Count | Should -Be 2
    }
}

Describe "What came of a run of the real CLI$missing" -Skip:([bool] $missing) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is Denied where a rule of the call rejects a tool' {
        $rule = New-AmpPermission -Kind Shell Reject
        $result = Invoke-AmpAgent 'RUN:Bash {"cmd":"touch made"}END' @call -Permission $rule -ResultOnly `
            -WarningVariable warnings -WarningAction SilentlyContinue

        $result.Outcome | Should -Be 'Denied'
        $result.Denials.Tool | Should -Be 'Bash'
        $warnings.Count | Should -Be 1
        Join-Path $place.Project 'made' | Should -Not -Exist
    }

    It 'is an error with -FailOnDenial also where the rule has a message of its own' {
        $rule = New-AmpPermission Bash Reject -Message 'Ask the team first.'
        $result = Invoke-AmpAgent 'RUN:Bash {"cmd":"touch made"}END' @call -Permission $rule -ResultOnly -FailOnDenial `
            -ErrorVariable errors -ErrorAction SilentlyContinue

        $result.Denials.Reason | Should -Be 'Ask the team first.'
        $errors.FullyQualifiedErrorId | Should -Be $agentError
        Join-Path $place.Project 'made' | Should -Not -Exist
    }

    It 'has the file that the agent made' {
        $file = Join-Path $place.Project 'made.txt'
        $json = @{ path = $file; content = 'x' } | ConvertTo-Json -Compress
        $result = Invoke-AmpAgent "RUN:create_file ${json}END" @call -DangerouslyAllowAll -ResultOnly

        $file | Should -Exist
        $result.FilesTouched | Should -Be $file
        $result.ToolUseCount | Should -Be 1
        $result.Outcome | Should -Be 'Succeeded'
    }
}
