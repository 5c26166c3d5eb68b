#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Import-Module $layout.Module

    # A machine without a CLI and without an account: whatever is really started fails.
    $kept = @{ AMP_CLI_PATH = $env:AMP_CLI_PATH; AMP_API_KEY = $env:AMP_API_KEY; AMP_URL = $env:AMP_URL }
    $env:AMP_CLI_PATH = Join-Path $TestDrive 'no-such-cli'
    $env:AMP_URL = 'http://127.0.0.1:1'
    $env:AMP_API_KEY = $null
    $transcripts = Join-Path $layout.Root 'tests/transcripts'

    function Assert-Real {
        { Invoke-AmpAgent 'real' -ErrorAction Stop } | Should -Throw -ErrorId 'CliNotFound,*'
    }
}

AfterAll {
    foreach ($name in $kept.Keys) {
        Set-Item "env:$name" $kept[$name]
    }
}

Describe 'Use-AmpReplay with mocks' {
    It 'answers runs in the block, writes at once, and is over after it' {
        $mock = New-AmpMock 'list*' 'a, b'
        $written = Use-AmpReplay -Mock $mock {
            param($replay)
            Invoke-AmpAgent 'List files' -ResultOnly | ForEach-Object Result
            $replay.CallCount
        }
        $written | Should -Be 'a, b', 1
        (Use-AmpReplay -Mock $mock { Invoke-AmpAgent 'list'; throw 'not reached' } | Select-Object -First 1).Type | Should -Be 'system'
        Assert-Real
    }

    It 'answers runs on other hosts, and connects to none' {
        $mock = New-AmpMock -Text far
        $hosts = 'web01.invalid', 'web02.invalid'
        $results = Use-AmpReplay -Mock $mock { 'a', 'b' | Invoke-AmpAgent -HostName $hosts -ResultOnly }
        $results.Result | Should -Be 'far', 'far', 'far', 'far'
        $results.PSComputerName | Should -Be ($hosts + $hosts)
        $messages = Use-AmpReplay -Mock $mock { Invoke-AmpAgent 'a' -HostName build@web01.invalid:2222 -KeyFilePath ./no-such-key }
        $messages[-1].Result | Should -Be 'far'
        $messages.PSComputerName | Should -Be (@('web01.invalid') * $messages.Count)
        $rows = Use-AmpReplay -Mock $mock { @{ Prompt = 'a'; HostName = 'web02.invalid' }, @{ Prompt = 'b' } | Invoke-AmpAgent -HostName web01.invalid -ResultOnly }
        $rows.PSComputerName | Should -Be 'web02.invalid', 'web01.invalid'
        $job = Use-AmpReplay -Mock $mock { 'a' | Invoke-AmpAgent -HostName $hosts -AsJob -ThrottleLimit 2 -ResultOnly }
        ($job | Receive-Job -Wait -AutoRemoveJob).PSComputerName | Sort-Object | Should -Be $hosts
        Use-AmpReplay -Mock $mock {
            $session = New-AmpSession -HostName web01.invalid
            $session.HostName
            (Send-AmpMessage $session 'a' -ResultOnly).PSComputerName
            $null = Remove-AmpSession $session
        } | Should -Be 'web01.invalid', 'web01.invalid'
    }

    It 'gives the host of a run and its folder to the scripts of the call' {
        $asked = [System.Collections.Generic.List[object]]::new()
        $replay = Use-AmpReplay -Mock (New-AmpMock -Text far -ToolUse @{ Name = 'Bash'; Input = @{ cmd = 'ls' }; Asks = $true })
        try {
            $row = Invoke-AmpAgent 'a' -HostName web01.invalid -WorkingDirectory /no/such -ResultOnly -ApprovalScript { param($Call) $asked.Add($Call); $true } -Verify { param($Work) $asked.Add($Work); $true }
            $null = Invoke-AmpAgent 'b' -HostName web01.invalid -ApprovalScript { $true }
        } finally {
            Stop-AmpReplay
        }
        $row.Outcome | Should -Be Succeeded
        $asked | Should -HaveCount 2
        $asked.HostName | Should -Be 'web01.invalid', 'web01.invalid'
        $asked.WorkingDirectory | Should -Be '/no/such', '/no/such'
        $replay.Calls.WorkingDirectory | Should -Be '/no/such', '~'
    }

    It 'refuses for other hosts what they refuse: <Name>' -ForEach @(
        @{ Name = 'Checkpoint'; Value = $true }
        @{ Name = 'Skills'; Value = '.' }
        @{ Name = 'LogFile'; Value = './log' }
        @{ Name = 'VerifyPath'; Value = '.'; More = @{ Verify = { $true } } }
        @{ Name = 'Environment'; Value = @{ 'A.B' = 'x' } }
        @{ Name = 'Options'; Value = @{ BatchMode = 'no' }; Refusal = 'InvalidOption' }
    ) {
        $given = @{ $Name = $Value } + ($More ?? @{})
        { Use-AmpReplay -Mock (New-AmpMock) -WarningAction Ignore { Invoke-AmpAgent 'x' -HostName web01.invalid @given } } | Should -Throw -ErrorId "$($Refusal ?? 'UnsupportedByHost'),*"
    }

    It 'refuses the checkpoint of a row on another host' {
        $rows = Use-AmpReplay -Mock (New-AmpMock -Text far) {
            @{ Prompt = 'a'; HostName = 'web01.invalid'; Checkpoint = 'true' }, @{ Prompt = 'b'; HostName = 'web01.invalid' } | Invoke-AmpAgent -ResultOnly -ErrorAction SilentlyContinue
        }
        $rows.ErrorId | Should -Be 'UnsupportedByHost', $null
        $rows.PSComputerName | Should -Be 'web01.invalid', 'web01.invalid'
    }

    It 'is over after an error, and nested replays come back' {
        $outer = New-AmpMock -Text outer
        $inner = New-AmpMock -Text inner
        $said = Use-AmpReplay -Mock $outer {
            (Invoke-AmpAgent 1 -ResultOnly).Result
            try { Use-AmpReplay -Mock $inner { (Invoke-AmpAgent 2 -ResultOnly).Result; throw 'broken' } } catch { "$_" }
            $null = Use-AmpReplay -Mock $inner
            (Invoke-AmpAgent 3 -ResultOnly).Result
            Stop-AmpReplay
            (Invoke-AmpAgent 4 -ResultOnly).Result
            # Never stopped, and over with the block.
            $null = Use-AmpReplay -Mock $inner
        }
        $said | Should -Be 'outer', 'inner', 'broken', 'inner', 'outer'
        Assert-Real
    }

    It 'ends a block with the block only, and keeps ended what the block has ended' {
        $said = Use-AmpReplay -Mock (New-AmpMock -Text block) {
            Stop-AmpReplay
            Stop-AmpReplay $args[0]
            (Invoke-AmpAgent 1 -ResultOnly).Result
        }
        $said | Should -Be block
        $first = Use-AmpReplay -Mock (New-AmpMock -Text first)
        Use-AmpReplay -Mock (New-AmpMock -Text second) { Stop-AmpReplay $first -WarningAction Ignore; (Invoke-AmpAgent 2 -ResultOnly).Result } | Should -Be second
        Assert-Real
    }

    It 'does not answer runs after the pipe, and passes objects as they are' {
        $said = Use-AmpReplay -Mock (New-AmpMock -Text outer) {
            Use-AmpReplay -Mock (New-AmpMock -Text inner) {
                'x'
                (Invoke-AmpAgent 'y' -ResultOnly).Result
                $null
                , @(1, 2)
                [pscustomobject] @{ A = 1 } | Add-Member Note kept -PassThru
            } | ForEach-Object {
                $_ -is [string] ? "$_ $((Invoke-AmpAgent $_ -ResultOnly).Result)" : $null -eq $_ ? 'null' : $_ -is [array] ? $_.Count : $_.Note
            }
        }
        $said | Should -Be 'x outer', 'inner outer', 'null', 2, 'kept'
        { Use-AmpReplay -Mock (New-AmpMock) { 'x' } -WarningAction Ignore | ForEach-Object { Invoke-AmpAgent $_ -ErrorAction Stop } } | Should -Throw -ErrorId 'CliNotFound,*'
        Assert-Real
    }

    It 'keeps the threads of mocked runs for itself' {
        $state = {
            $type = [Amp.PowerShell.Commands.InvokeAmpAgentCommand].Assembly.GetType('Amp.PowerShell.State.RunspaceState')
            $type.GetProperty('LastThreadId').GetValue($type.GetProperty('Current').GetValue($null))
        }
        $before = & $state
        $threads = Use-AmpReplay -Mock (New-AmpMock -Text x) {
            $one = Invoke-AmpAgent 'one' -ResultOnly
            $two = Invoke-AmpAgent 'two' -ContinueThread -ResultOnly
            $one.ThreadId
            $two.ThreadId
        }
        $threads[1] | Should -Be $threads[0]
        & $state | Should -Be $before
        $null = Use-AmpReplay -Mock (New-AmpMock -Text x)
        $null = Invoke-AmpAgent 'one'
        Stop-AmpReplay
        & $state | Should -Be $before
    }

    It 'tells the prompts and options of the runs, and what was not used' {
        $replay = Use-AmpReplay -Mock (New-AmpMock 'a*' -Text x), (New-AmpMock 'never')
        $first = Invoke-AmpAgent 'abc' -Mode smart -Title T -ResultOnly
        $null = Invoke-AmpAgent 'ab' -ThreadId $first.ThreadId
        $null = Invoke-AmpAgent 'a' -ContinueThread
        Stop-AmpReplay $replay -WarningVariable unused -WarningAction SilentlyContinue
        $unused | Should -BeLike '*never*'
        $replay.Calls.Prompt | Should -Be 'abc', 'ab', 'a'
        $replay.Calls[0].Options.Title | Should -Be T
        $replay.Calls.ThreadId | Should -Be $null, $first.ThreadId, $first.ThreadId
        $replay.Unused | Should -Be "mock for 'never'"
        Assert-Real
    }

    It 'is the error ReplayMismatch if nothing answers' {
        { Use-AmpReplay -Mock (New-AmpMock 'a*') { Invoke-AmpAgent 'b' -ErrorAction Stop } -WarningAction Ignore } | Should -Throw -ErrorId 'ReplayMismatch,*'
        { Use-AmpReplay -Mock (New-AmpMock -Times 1) { 'a', 'b' | Invoke-AmpAgent -ErrorAction Stop } } | Should -Throw -ErrorId 'ReplayMismatch,*'
    }

    It 'calls the commands of the run, and asks the approval script' {
        $seen = [System.Collections.Generic.List[string]]::new()
        function Get-Price([string] $Item) { $seen.Add($Item); [pscustomobject] @{ Price = 3 } }
        $mock = New-AmpMock -Text 'Three.' -ToolUse @{ Name = 'Get-Price'; Input = @{ Item = 'tea' } }, @{ Name = 'Bash'; Input = @{ cmd = 'ls' }; Result = 'x' }, @{ Name = 'Bash'; Input = @{ cmd = 'rm' } }
        $messages = Use-AmpReplay -Mock $mock { Invoke-AmpAgent 'tea?' -Tool Get-Price -ApprovalScript { $_.Command -eq 'rm' ? 'never' : $true } 3>$null }
        $seen | Should -Be 'tea'
        $messages.ToolResult[0].Output.Price | Should -Be 3
        $messages[-1].Approvals.IsAllowed | Should -Be $true, $true, $false
        $messages[-1].Outcome | Should -Be Denied
        $messages[-1].Denials.Reason | Should -Match never
    }

    It 'ends a turn that its own tool stops, <Name>' -ForEach @(
        @{ Name = 'with the cmdlet'; Stop = 'Stop-AmpTurn own' }
        @{ Name = 'with the library'; Stop = '$null = (Get-AmpSession own).StopTurnAsync().GetAwaiter().GetResult()' }
    ) {
        # In a process of its own: it hangs if the turn waits for the tool, and the tool for the turn.
        $job = Start-Job {
            param($module, $stop)
            Import-Module $module
            Set-Item function:Stop-Own ([scriptblock]::Create($stop))
            Use-AmpReplay -Mock (New-AmpMock 'go' -ToolUse Stop-Own), (New-AmpMock 'next' 'again') {
                $null = New-AmpSession own -Tool Stop-Own
                $null = Send-AmpMessage own 'go' -WarningAction SilentlyContinue
                "$((Get-AmpSession own).State)"
                (Send-AmpMessage own 'next' | Where-Object Type -EQ assistant).Text
            }
        } -ArgumentList $layout.Module, $Stop
        try {
            $job | Wait-Job -Timeout 300 | Should -Not -BeNullOrEmpty
            $job | Receive-Job | Should -Be 'Ready', 'again'
        } finally {
            $job | Remove-Job -Force
        }
    }

    It 'answers jobs, parallel runs and sessions, also after the block' {
        $mocks = (New-AmpMock 'one' '1'), (New-AmpMock '*' 'more')
        $session, $job = Use-AmpReplay -Mock $mocks {
            New-AmpSession
            'one', 'two' | Invoke-AmpAgent -AsJob -ResultOnly
            ('one', 'two', 'three' | Invoke-AmpAgent -ThrottleLimit 3 -ResultOnly 3>$null | Sort-Object Prompt).Result | Should -Be '1', 'more', 'more'
        }
        ($job | Receive-Job -Wait -AutoRemoveJob).Result | Should -Be '1', 'more'
        (Send-AmpMessage -Session $session 'one' | Where-Object Type -EQ assistant).Text | Should -Be '1'
        (Send-AmpMessage -Session $session 'two' | Where-Object Type -EQ assistant).Text | Should -Be 'more'
        $session | Remove-AmpSession -Confirm:$false
        Assert-Real
    }

    It 'checks the answer in the shape of a schema' {
        $schema = @{ type = 'object'; properties = @{ n = @{ type = 'integer' } }; required = @('n') }
        (Use-AmpReplay -Mock (New-AmpMock -Output @{ n = 3 }) { Invoke-AmpAgent 'x' -OutputSchema $schema -OutputOnly }).n | Should -Be 3
        { Use-AmpReplay -Mock (New-AmpMock -Output @{ n = 'x' }) { Invoke-AmpAgent 'x' -OutputSchema $schema -ErrorAction Stop } } | Should -Throw -ErrorId 'OutputInvalid,*'
    }

    It 'fails with <Id> for <Words>' -ForEach @(
        @{ Words = '429 rate limit exceeded'; Id = 'Throttled' }
        @{ Words = 'MaxTurns'; Id = 'MaxTurnsReached' }
        @{ Words = 'Something else'; Id = 'AgentError' }
    ) {
        { Use-AmpReplay -Mock (New-AmpMock -Fails $Words) { Invoke-AmpAgent 'x' -ErrorAction Stop } } | Should -Throw -ErrorId "$Id,*"
    }

    It 'counts the tokens for limits' {
        $mock = New-AmpMock -Text x -ToolUse Bash -InputToken 90 -OutputToken 20
        { Use-AmpReplay -Mock $mock { Invoke-AmpAgent 'x' -TokenLimit 100 -ErrorAction Stop } 3>$null } | Should -Throw -ErrorId 'BudgetReached,*'
    }

    It 'refuses commands of the CLI that are no runs, and allows Mock of Pester' {
        foreach ($command in { Get-AmpThread }, { Get-AmpCli }, { Get-AmpCli -HostName web01.invalid }, { Install-AmpCli -Path $TestDrive }) {
            { Use-AmpReplay -Mock (New-AmpMock) $command } | Should -Throw -ErrorId 'NotReplayed,*'
        }
        Mock Get-AmpThread { 'mocked' }
        Use-AmpReplay -Mock (New-AmpMock) { Get-AmpThread } -WarningAction Ignore | Should -Be mocked
    }

    It 'refuses a mock that is not one' {
        { New-AmpMock -ToolUse @{ Nam = 'Bash' } } | Should -Throw
        { New-AmpMock -ToolUse 7 } | Should -Throw
    }

    It 'is another one in each runspace' {
        $replay = Use-AmpReplay -Mock (New-AmpMock -Text mocked)
        $module = $layout.Module
        try {
            $said = 1 | ForEach-Object -Parallel {
                Import-Module $using:module
                try { (Invoke-AmpAgent 'x' -ResultOnly -ErrorAction Stop).Result } catch { $_.Exception.ErrorId }
                Use-AmpReplay -Replay $using:replay { (Invoke-AmpAgent 'x' -ResultOnly).Result }
            }
        } finally {
            Stop-AmpReplay
        }
        $said | Should -Be 'CliNotFound', 'mocked'
        $replay.CallCount | Should -Be 1
    }
}

Describe 'Use-AmpReplay with records' {
    It 'answers the recorded run, and tells what differs' {
        $path = Join-Path $transcripts 'text.jsonl'
        $recorded = Import-AmpTranscript -LiteralPath $path
        $messages = Use-AmpReplay -Path $path { Invoke-AmpAgent 'Say hello' }
        $messages.RawJson | Should -Be $recorded.RawJson
        { Use-AmpReplay -Path $path { Invoke-AmpAgent 'Say bye' -ErrorAction Stop } -WarningAction Ignore } | Should -Throw -ErrorId 'ReplayMismatch,*' -ExpectedMessage "*'Say hello'*'Say bye'*"
        { Use-AmpReplay -Path $path { 1, 2 | ForEach-Object { Invoke-AmpAgent 'Say hello' -ErrorAction Stop } } } | Should -Throw -ErrorId 'ReplayMismatch,*'
        (Use-AmpReplay -Path $path -AllowDifference { Invoke-AmpAgent 'Say bye' -ResultOnly }).Result | Should -Be 'Echo: Say hello'
        Use-AmpReplay -Path $path { } -WarningVariable unused -WarningAction SilentlyContinue
        $unused | Should -BeLike "*text.jsonl*"
    }

    It 'takes wildcards and mocks for the rest' {
        $said = Use-AmpReplay -Path (Join-Path $transcripts 't*xt.jsonl') -Mock (New-AmpMock -Text mocked) {
            'Say hello', 'other' | Invoke-AmpAgent -ResultOnly | ForEach-Object Result
        }
        $said | Should -Be 'Echo: Say hello', 'mocked'
        { Use-AmpReplay -Path (Join-Path $transcripts 'no*file') { } } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'takes a path whose brackets the Tab key has escaped' {
        foreach ($name in 'run[1].jsonl', 'run`[2`].jsonl') {
            [System.IO.File]::Copy((Join-Path $transcripts 'text.jsonl'), (Join-Path $TestDrive $name))
        }

        (Use-AmpReplay -Path (Join-Path $TestDrive 'run`[1`].jsonl') { Invoke-AmpAgent 'Say hello' -ResultOnly }).Result | Should -Be 'Echo: Say hello'
        (Use-AmpReplay -LiteralPath (Join-Path $TestDrive 'run`[2`].jsonl') { Invoke-AmpAgent 'Say hello' -ResultOnly }).Result | Should -Be 'Echo: Say hello'
    }

    It 'replays a script whose runs were recorded' {
        $path = Join-Path $TestDrive 'runs.ndjson'
        $task = {
            $first = Invoke-AmpAgent 'one' -TranscriptPath $args[0] -ResultOnly
            (Invoke-AmpAgent 'two' -ThreadId $first.ThreadId -TranscriptPath $args[0] -ResultOnly).Result
        }
        $mocks = (New-AmpMock 'one' '1'), (New-AmpMock 'two' '2')
        Use-AmpReplay -Mock $mocks { & $task $path } | Should -Be 2
        $copy = Join-Path $TestDrive 'again.ndjson'
        Use-AmpReplay -Path $path { & $task $copy } | Should -Be 2
        (Import-AmpTranscript $copy).RawJson | Should -Be (Import-AmpTranscript $path).RawJson
    }
}

Describe 'The example of mocked tests' {
    It 'passes offline' {
        # In a process of its own, as a user runs it, with the module found by its name.
        $code = @'
param($Pester, $Modules, $Tests)
$env:PSModulePath = $Modules + [System.IO.Path]::PathSeparator + $env:PSModulePath
Import-Module $Pester
Import-Module Amp
$run = Invoke-Pester $Tests -PassThru -Output None
[pscustomobject] @{ Passed = $run.PassedCount; Failed = @($run.Failed.ForEach{ "$($_.ExpandedPath): $($_.ErrorRecord)" }); Seconds = $run.UserDuration.TotalSeconds } | ConvertTo-Json
'@
        $file = Join-Path $TestDrive 'run.ps1'
        Set-Content $file $code
        $shown = & ([System.Environment]::ProcessPath) -NoProfile -File $file (Get-Module Pester).Path (Split-Path (Split-Path $layout.Module)) (Join-Path $layout.Root 'examples/mocked-tests')
        $result = "$shown" | ConvertFrom-Json
        $result.Failed | Should -BeNullOrEmpty
        $result.Passed | Should -Be 6
        Write-Information "The mocked tests took $($result.Seconds) s." -InformationAction Continue
    }
}
