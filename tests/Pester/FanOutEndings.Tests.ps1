#Requires -Version 7.4

# A table of a hundred tasks, among which is every ending that a run can have: one row for each, exactly those that are expected, and nothing left.

BeforeDiscovery {
    $noSignals = $IsLinux ? '' : ' (not run: signals and closed pipes of this test are those of Linux)'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "A table of a hundred runs, with every ending$noSignals" -Skip:([bool] $noSignals) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $opened = Join-Path $place.Root 'opened'
        $chatter = Join-Path $place.Root 'chatter.jsonl'
        # At one each 200 ms, more than the limit of time lets pass.
        Set-Content -LiteralPath $chatter -Value (@('{"type":"progress"}') * 400)
        $thread = 'T-019b2c1e-0000-7000-8000-00000000000'
        $shell = Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls' }
        $costly = $shell -replace '"input_tokens":10', '"input_tokens":5000'
        $rejected = Get-AmpFakeToolStep -Result 'Tool execution rejected by user: Bash(ls)' -Failed
        $ok = 'assistant ok', 'result ok'
        $again = 'if exists ${CWD}/tried assistant ok', 'if exists ${CWD}/tried result ok', 'if exists ${CWD}/tried exit 0', 'mark ${CWD}/tried'

        function Get-Ending([string] $Kind, [int] $Times, [string] $Outcome, [string] $ErrorId, [string[]] $Step, [hashtable] $Cell = @{}, [string[]] $AlsoError = @()) {
            [pscustomobject]@{ Kind = $Kind; Times = $Times; Outcome = $Outcome; ErrorId = $ErrorId ? $ErrorId : $null; Step = $Step; Cell = $Cell; AlsoError = $AlsoError }
        }

        # The first two end in the other order: one waits for the row of the other.
        $first = @(
            Get-Ending 'waits for the row of the next' 1 Succeeded '' (@('init', "waitfor $opened") + $ok)
            Get-Ending 'opens' 1 Succeeded '' (@('init') + $ok)
        )
        # These end by a limit of time, and leave room for the others meanwhile.
        $slow = @(
            Get-Ending 'talks without end' 1 TimedOut Timeout 'init', "transcript 200 $chatter"
            Get-Ending 'talks, and gives a result when it is stopped' 1 TimedOut Timeout 'polite', 'init', "transcript 200 $chatter"
            Get-Ending 'talks, answers no signal, and has children' 1 TimedOut Timeout 'ignore INT,TERM', 'init', 'spawn stubborn', 'spawn setsid', 'spawn doublefork', "transcript 200 $chatter"
            Get-Ending 'falls silent' 1 TimedOut IdleTimeout 'init', 'hang'
            Get-Ending 'is silent from the start' 1 TimedOut IdleTimeout 'hang'
            Get-Ending 'closes its output and stays' 1 TimedOut IdleTimeout 'init', 'closestdout', 'closestderr', 'hang'
            Get-Ending 'stays after its result' 1 Succeeded '' (@('init') + $ok + 'hang')
        )
        $quick = @(
            Get-Ending 'answers' 18 Succeeded '' (@('read', 'init') + $ok)
            Get-Ending 'writes much to stderr' 2 Succeeded '' (@('init', 'errfill 1M') + $ok)
            Get-Ending 'writes text between messages' 2 Succeeded '' (@('out npm warn something is old', 'init') + $ok)
            Get-Ending 'breaks a line' 2 Succeeded '' (@('init', 'out {"type":"assistant","message":{"role') + $ok) -AlsoError InvalidStreamJson
            Get-Ending 'leaves a child that holds its output' 2 Succeeded '' (@('init', 'spawn child') + $ok)
            Get-Ending 'goes on without a denied tool' 2 Denied '' (@('init', $shell, $rejected) + $ok)
            Get-Ending 'answers nothing' 2 Empty '' 'init', 'assistant Hm.', 'result  '
            Get-Ending 'ends in the middle of its work' 2 Truncated '' 'init', $shell, 'result I will look.'

            Get-Ending 'gives an error' 3 Failed AgentError 'init', 'error It went wrong.'
            Get-Ending 'gives an error, and an exit code' 2 Failed AgentError 'init', 'error It went wrong.', 'err a stack trace', 'exit 1'
            Get-Ending 'gives an error, and is killed' 1 Failed AgentError 'init', 'error It went wrong.', 'signal KILL'
            Get-Ending 'is cancelled by somebody else' 1 Canceled AgentError 'init', 'error User cancelled (SIGINT/SIGTERM)'
            Get-Ending 'needs an approval' 2 Denied AgentError 'init', $shell, 'error The following tools require user approval, which is not supported in stream JSON mode: Bash'
            Get-Ending 'reaches the limit of the CLI' 3 MaxTurns MaxTurnsReached 'init', 'out {"type":"result","subtype":"error_max_turns","is_error":true,"error":"Too many turns.","session_id":"${SESSION}"}'
            Get-Ending 'has no quota' 2 Failed QuotaExceeded 'init', 'error Out of credits'
            Get-Ending 'has a token that has expired' 2 NotAuthenticated NotAuthenticated 'init', 'error Unauthorized. Check your access token.'
            Get-Ending 'cannot connect, and says so in its result' 1 Failed ServiceUnreachable 'init', 'error Connection error.'

            Get-Ending 'asks for a login' 1 NotAuthenticated NotAuthenticated 'out No API key found. Starting login flow...', 'hang'
            Get-Ending 'has a key that is refused' 2 NotAuthenticated NotAuthenticated 'err Error: Invalid API key', 'exit 1'
            Get-Ending 'cannot connect' 1 Failed ServiceUnreachable "err Error: Couldn't connect to the Amp server", 'exit 1'
            Get-Ending 'does not know an option' 1 Failed UnsupportedByCli "err error: unknown option '--no-ide'", 'exit 1'
            Get-Ending 'is too old for the service' 1 Failed CliOutdated 'err Request failed: HTTP 426', 'exit 1'
            Get-Ending 'does not find its thread' 1 Failed ThreadNotFound 'err Error: Thread not found', 'exit 1' @{ ThreadId = "${thread}1" }
            Get-Ending 'finds its thread archived' 1 Failed ThreadArchived 'err Error: The thread is archived and cannot be continued', 'exit 1' @{ ThreadId = "${thread}2" }
            Get-Ending 'says nothing' 1 Failed CliFailed 'read'
            Get-Ending 'exits before its first message' 2 Failed CliFailed 'err Error: the disk is full', 'exit 3'
            Get-Ending 'exits before its result' 2 Failed CliFailed 'init', 'assistant half', 'exit 3'
            Get-Ending 'exits with 0 before its result' 1 Failed CliFailed 'init', 'assistant half'
            Get-Ending 'closes its output early' 1 Failed CliFailed 'init', 'closestdout', 'sleep 100'
            Get-Ending 'is cut off in a line' 1 Failed CliFailed 'init', 'raw {"type":"assis', 'exit 1' -AlsoError InvalidStreamJson
            Get-Ending 'is killed before its first message' 2 Failed CliTerminated 'signal KILL'
            Get-Ending 'crashes' 2 Failed CliTerminated 'init', 'assistant half', 'signal SEGV'
            Get-Ending 'exits with an error after its result' 2 Succeeded CliFailed (@('init') + $ok + 'exit 5')
            Get-Ending 'is killed after its result' 2 Succeeded CliTerminated (@('init') + $ok + 'signal KILL')
            Get-Ending 'writes a line that is too long' 1 Failed InvalidStreamJson 'init', 'line 200K', 'hang'
            Get-Ending 'uses too many tokens' 2 BudgetReached BudgetReached 'polite', 'init', $costly, 'hang'
            Get-Ending 'takes too many turns' 2 BudgetReached BudgetReached (@('polite', 'init') + @($shell, $rejected) * 5 + 'hang')

            Get-Ending 'has no prompt' 1 Failed InvalidOption 'exit 9' @{ Prompt = '' }
            Get-Ending 'has no folder' 1 Failed InvalidOption 'exit 9' @{ WorkingDirectory = Join-Path $place.Root nowhere }
            Get-Ending 'has a label that no thread can have' 1 Failed InvalidOption 'exit 9' @{ Label = 'no_label!' }
            Get-Ending 'has a mode that the CLI does not know' 1 Failed UnsupportedByCli 'exit 9' @{ Mode = 'nonsense' }
            Get-Ending 'has a thread that is none' 1 Failed InvalidOption 'exit 9' @{ ThreadId = 'nonsense' }
            Get-Ending 'has a repository that cannot be read' 1 Failed CheckpointFailed 'exit 9' @{ Checkpoint = 'true' }
        )
        # While a service throttles, fewer runs are at work, so these come last.
        $throttled = @(
            Get-Ending 'is throttled, and throttled again' 2 Failed Throttled 'init', 'error 429 Too many requests. Try again in 20 ms.'
            Get-Ending 'meets an overloaded model twice' 2 Failed Overloaded 'init', 'error Model Provider Overloaded. Try again in 20 ms.'
            Get-Ending 'is throttled once' 3 Succeeded '' (@('init') + $again + 'error 429 Too many requests. Try again in 20 ms.')
        )

        $endings = $first + $slow + $quick + $throttled
        $shuffled = @($quick | ForEach-Object { @($_) * $_.Times } | Get-Random -Shuffle -SetSeed 1)
        $number = 0
        $tasks = foreach ($ending in $first + $slow + $shuffled + ($throttled | ForEach-Object { @($_) * $_.Times })) {
            $number++
            $folder = (New-Item -ItemType Directory -Path (Join-Path $place.Root "work/$number")).FullName
            # Each folder has the script of its run.
            Set-Content -LiteralPath (Join-Path $folder 'steps') -Value (@('write ${CWD}/pid ${PID}') + $ending.Step)
            $task = [ordered]@{ Prompt = "$number $($ending.Kind)"; WorkingDirectory = $folder; Mode = ''; ThreadId = ''; Label = ''; Checkpoint = ''; Kind = $ending.Kind }
            $ending.Cell.GetEnumerator() | ForEach-Object { $task[$_.Key] = $_.Value }
            if ($task.Checkpoint) {
                Set-Content -LiteralPath (Join-Path $folder '.git') -Value 'not what Git writes'
            }

            [pscustomobject]$task
        }

        $table = Join-Path $place.Root 'tasks.csv'
        $tasks | Export-Csv -LiteralPath $table
        $call = Get-AmpFakeCall $place -Variable @{ AMP_FAKE_SCRIPT = 'steps' }
        $call.Remove('WorkingDirectory')
        $alive = [System.Collections.Generic.List[int]]::new()
        $rows = @(Import-Csv -LiteralPath $table |
                Invoke-AmpAgent @call -ThrottleLimit 8 -ResultOnly -TimeoutSec 40 -IdleTimeoutSec 20 -TokenLimit 1000 -TurnLimit 3 -RetryLimit 1 -MaxLineBytes 100000 `
                    -ErrorVariable errors -ErrorAction SilentlyContinue -WarningAction SilentlyContinue |
                ForEach-Object {
                    # What of a run is still at work when its row is there.
                    $file = Join-Path $place.Root "work/$($_.RunId)/pid"
                    if ((Test-Path -LiteralPath $file) -and (Test-AmpProcess (Get-Content -LiteralPath $file))) {
                        $alive.Add($_.RunId)
                    }

                    if ($_.RunId -eq 2) {
                        $null = New-Item -ItemType File -Path $opened
                    }

                    $_
                })
        Set-AmpThrottle -Default
        $byKind = $endings | Group-Object Kind -AsHashTable
    }

    AfterAll {
        Set-AmpThrottle -Default
        Close-AmpTestPlace $place
    }

    It 'gives one row for each run, whatever its ending' {
        $tasks | Should -HaveCount 100
        $rows.RunId | Sort-Object | Should -Be (1..100)
        $rows | ForEach-Object { $_ -is [Amp.ResultMessage] } | Should -Not -Contain $false
    }

    It 'gives the outcome and the error of each' {
        foreach ($row in $rows) {
            $task = $tasks[$row.RunId - 1]
            $row.Prompt | Should -BeExactly $task.Prompt
            "$($row.Outcome), $($row.ErrorId)" | Should -BeExactly "$($byKind[$task.Kind].Outcome), $($byKind[$task.Kind].ErrorId)" -Because $task.Kind
        }
    }

    It 'groups into the expected table' {
        $expected = $endings | Group-Object Outcome, ErrorId | Sort-Object Name | ForEach-Object { "$(($_.Group | Measure-Object Times -Sum).Sum) $($_.Name)" }
        $groups = $rows | Group-Object Outcome, ErrorId -NoElement | Sort-Object Name
        $groups | ForEach-Object { "$($_.Count) $($_.Name)" } | Should -BeExactly $expected
        ($groups | Where-Object Name -EQ 'Succeeded').Count | Should -Be 32
    }

    It 'gives the rows in the order in which the runs end' {
        [array]::IndexOf($rows.RunId, 1) | Should -BeGreaterThan ([array]::IndexOf($rows.RunId, 2))
        $alive | Should -BeNullOrEmpty
    }

    It 'gives an error for each failure, about its prompt' {
        $own = @($errors | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $expected = foreach ($task in $tasks) {
            @($byKind[$task.Kind].AlsoError) + $byKind[$task.Kind].ErrorId | Where-Object { $_ } | ForEach-Object { "$_ $($task.Prompt)" }
        }
        $own | ForEach-Object { "$($_.FullyQualifiedErrorId -replace ',.*') $($_.TargetObject)" } | Sort-Object | Should -BeExactly ($expected | Sort-Object)
    }

    It 'tells which run was retried' {
        $throttled | ForEach-Object { $kind = $_.Kind; $rows | Where-Object Prompt -Like "* $kind" } | ForEach-Object { $_.Retries | Should -HaveCount 1 -Because $_.Prompt }
    }

    It 'starts nothing for a row that cannot be used' {
        foreach ($row in $rows | Where-Object ErrorId -In InvalidOption, CheckpointFailed) {
            Join-Path $place.Root "work/$($row.RunId)/pid" | Should -Not -Exist -Because $row.Prompt
        }
    }

    It 'leaves no process and no file' {
        Get-AmpProcess | Where-Object IsOwn | Should -BeNullOrEmpty
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
        (Get-ChildItem -Force -Recurse -LiteralPath (Join-Path $place.Root work) -File).Name | Sort-Object -Unique | Should -Be '.git', 'pid', 'steps', 'tried'
    }

    It 'has every outcome and every error that there is' {
        # What an option of the whole call or another command makes of runs has tests of its own.
        $elsewhere = @{
            Outcome = 'OutputMissing', 'OutputInvalid', 'NotVerified'
            ErrorId = @(
                'CliNotFound', 'Canceled', 'RulesBypassed', 'OutputMissing', 'OutputInvalid', 'VerificationFailed'
                'HostKeyUnknown', 'HostKeyChanged', 'HostLoginRefused', 'HostUnreachable', 'HostConnectionLost', 'HostShellMissing', 'UnsupportedByHost'
                'ReplayMismatch', 'NotReplayed', 'SessionBusy', 'SessionEnded', 'CheckpointNotFound', 'CheckpointConflict'
                'ScheduleNotFound', 'ScheduleExists', 'ScheduleActive', 'SchedulerFailed'
            )
        }
        $ids = [Amp.AmpErrorId].GetFields().Name
        $here = $endings.ErrorId + $endings.AlsoError | Where-Object { $_ } | Sort-Object -Unique
        $here + $elsewhere.ErrorId | Sort-Object | Should -Be ($ids | Sort-Object)
        @($endings.Outcome | Sort-Object -Unique) + $elsewhere.Outcome | Sort-Object | Should -Be ([enum]::GetNames([Amp.ResultOutcome]) | Sort-Object)
    }
}

Describe 'A table of runs whose answers are checked' {
    It 'has <Outcome> in each row' -ForEach @(
        @{ Outcome = 'NotVerified'; ErrorId = 'VerificationFailed'; More = @{ Verify = { $false }; VerifyLimit = 1 } }
        @{ Outcome = 'OutputMissing'; ErrorId = 'OutputMissing'; More = @{ OutputSchema = @{ type = 'object' } } }
    ) {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place
            $rows = 'one', 'two', 'three' | Invoke-AmpAgent @call @More -ThrottleLimit 3 -ResultOnly -ErrorAction SilentlyContinue -ErrorVariable errors -WarningAction SilentlyContinue
            $rows | Group-Object Outcome, ErrorId -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" } | Should -BeExactly "3 $Outcome, $ErrorId"
            @($errors | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).TargetObject | Sort-Object | Should -Be 'one', 'three', 'two'
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
