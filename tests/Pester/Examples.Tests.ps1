#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $root = Join-Path (Get-AmpTestLayout).Root 'examples'
    $scripts = Get-ChildItem $root -Recurse -Filter *.ps1 | Where-Object Name -NotMatch '^demo\.ps1$|\.Tests\.ps1$' | ForEach-Object {
        @{ Name = [System.IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $examples = Join-Path (Get-AmpTestLayout).Root 'examples'

    # What the model does when a prompt has these words: calls, then an answer.
    function Get-Rule([string] $Prompt, [object[]] $Call, [object] $Answer = 'Done.') {
        if ($Call) {
            @{ when = @{ prompt = $Prompt; step = 0 }; answer = @{ blocks = @($Call) } }
        }

        @{ when = @{ prompt = $Prompt }; answer = $Answer }
    }

    function Get-Call([string] $Tool, [hashtable] $Argument) {
        @{ tool = $Tool; input = $Argument }
    }

    # An example as a script of this session runs it: what it writes, its errors and its exit code.
    function Invoke-Example([string] $Name, [hashtable] $Option = @{}, [object[]] $InputObject) {
        # Its users may have said so in their profile.
        Set-StrictMode -Version 3
        $global:LASTEXITCODE = $null
        $path = Join-Path $examples $Name
        $output = $InputObject ? ($InputObject | & $path @Option 2>&1) : (& $path @Option 2>&1)
        [pscustomobject]@{
            Output = @($output | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] })
            Error = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            ExitCode = $LASTEXITCODE
        }
    }
}

Describe 'The example <Name>' -ForEach $scripts {
    It 'has help, with examples, for all of its parameters' {
        $help = Get-Help $Path
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match '\.ps1'
        $help.description.Text | Should -Match 'Exit codes'
        $help.examples.example.Count | Should -BeGreaterThan 1
        $parameters = (Get-Command $Path).Parameters.Values | Where-Object { -not $_.Attributes.Where{ $_ -is [Parameter] }.DontShow } |
            Where-Object Name -NotIn ([System.Management.Automation.PSCmdlet]::CommonParameters)
        foreach ($parameter in $parameters) {
            ($help.parameters.parameter | Where-Object Name -EQ $parameter.Name).description.Text | Should -Not -BeNullOrEmpty -Because $parameter.Name
        }
    }

    It 'says what it needs, and names no place of a machine' {
        $text = Get-Content -Raw -LiteralPath $Path
        $text | Should -Match '(?m)^#Requires -Version 7\.4\r?\n#Requires -Modules Amp$'
        $text | Should -Match '(?m)^\[CmdletBinding\(\)\]$'
        $text | Should -Not -Match '[''"\s]([A-Za-z]:\\|/(home|srv|opt|etc|usr|var|tmp|root)/)'
    }
}

Describe "An example that is run$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $rules = @(
            Get-Rule '(?s)Review the commit.*BAD_TLS' @(
                Get-Call mcp__ps__Add_Finding @{ File = 'fetch.ps1'; Line = 1; Severity = 'high'; Text = 'Certificates are not checked.' }
                Get-Call mcp__ps__Add_Finding @{ File = 'fetch.ps1'; Line = 1; Severity = 'fatal'; Text = 'No such severity.' }
                Get-Call mcp__ps__Add_Finding @{ File = 'fetch.ps1'; Severity = 'low'; Text = 'The address is fixed.' }
                Get-Call Bash @{ cmd = 'touch was-here' }
            ) 'Not to be merged.'
            Get-Rule '(?s)Review the commit.*fine line' -Answer 'It may be merged.'
            Get-Rule '(?s)Review the commit.*OVERLOAD' -Answer @{ error = @{ status = 529; type = 'overloaded_error'; message = 'busy' } }
            Get-Rule '(?s)kinds of events.*DiskFull' @(
                Get-Call mcp__ps__Set_Triage @{ Number = 1; Priority = 'later'; Cause = 'A user mistyped.'; Action = 'Nothing.' }
                Get-Call mcp__ps__Set_Triage @{ Number = 3; Priority = 'now'; Cause = 'Logs are not rotated.'; Action = 'Free space.' }
                Get-Call mcp__ps__Set_Triage @{ Number = 9; Priority = 'now'; Cause = 'Made up.'; Action = 'None.' }
            )
            Get-Rule '(?s)kinds of events.*FanStopped' @(
                Get-Call mcp__ps__Set_Triage @{ Number = 1; Priority = 'later'; Cause = 'A user mistyped.'; Action = 'Nothing.' }
            )
            Get-Rule '(?s)kinds of events' -Answer @{ error = @{ status = 529; type = 'overloaded_error'; message = 'busy' } }
            Get-Rule 'Tidy the notes' @(
                Get-Call Bash @{ cmd = 'ls' }
                Get-Call Bash @{ cmd = 'ls; touch was-here' }
                Get-Call Bash @{ cmd = "ls`ntouch was-here" }
                Get-Call create_file @{ path = '${inside}/notes.md'; content = "tidy`n" }
                Get-Call create_file @{ path = '${inside}/../outside.md'; content = "no`n" }
                Get-Call create_file @{ path = '${inside}/.git/config'; content = "no`n" }
                Get-Call create_file @{ path = '${inside}/link/outside.md'; content = "no`n" }
            )
            Get-Rule 'duplicates' @(
                Get-Call mcp__ps__Get_Ticket @{ State = 'new' }
                Get-Call mcp__ps__Set_Ticket @{ Id = 103; State = 'closed' }
                Get-Call mcp__ps__Set_Ticket @{ Id = 999; State = 'closed' }
                Get-Call Bash @{ cmd = 'touch was-here' }
            ) '103 is a duplicate of 101.'
            Get-Rule 'Report on the site' -Answer 'The certificate ends in three days.'
            Get-Rule 'Mend the site' @(Get-Call Bash @{ cmd = 'touch was-here' }) 'I may not.'
            Get-Rule 'Never ending' -Answer @{ hang = $true }
        ) | ForEach-Object {
            # The only group that a rule fills: the folder that a prompt names.
            if ($_.when.prompt -eq 'Tidy the notes') { $_.when.prompt = 'Tidy the notes of (?<inside>\S+)' }
            $_
        }
        $service = Open-AmpLocalService $place @{ unmatched = 'error'; rules = @($rules) }
        $reader = Enter-AmpTestReader $place $service
        $trace = Join-Path $place.Project 'was-here'
    }

    AfterAll {
        Exit-AmpTestReader $reader
        Close-AmpTestPlace $place
    }

    AfterEach {
        $trace | Should -Not -Exist
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }

    Context 'review-last-commit.ps1' {
        BeforeAll {
            git init --quiet --initial-branch main
            foreach ($change in 'OVERLOAD', '# a fine line', 'Invoke-WebRequest https://example.com -SkipCertificateCheck # BAD_TLS') {
                Set-Content ./fetch.ps1 $change
                git add fetch.ps1
                git commit --quiet --message 'Fetch it'
            }
        }

        It 'gives findings as objects and fails the pipeline' {
            $run = Invoke-Example review-last-commit.ps1

            $run.ExitCode | Should -Be 1
            $run.Error | Should -BeNullOrEmpty
            $run.Output.Severity | Should -Be 'high', 'low'
            $run.Output[0].File | Should -Be 'fetch.ps1'
            $run.Output[0].Line | Should -Be 1
            $run.Output[1].Text | Should -Be 'The address is fixed.'
        }

        It 'lets a commit through in which nothing is found' {
            $run = Invoke-Example review-last-commit.ps1 @{ Commit = 'HEAD~1'; FailOn = 'low' }

            $run.ExitCode | Should -Be 0
            $run.Output | Should -BeNullOrEmpty
        }

        It 'says that there is no review where the agent failed, and where there is no such commit' {
            $failed = Invoke-Example review-last-commit.ps1 @{ Commit = 'HEAD~2' }
            $failed.ExitCode | Should -Be 2
            "$($failed.Error)" | Should -Match 'There is no review of [0-9a-f]{40}: .*Overloaded'

            $unknown = Invoke-Example review-last-commit.ps1 @{ Commit = '--output=was-here' }
            $unknown.ExitCode | Should -Be 2
            "$($unknown.Error)" | Should -Match "no commit '--output=was-here'"
        }
    }

    Context 'event-log-triage.ps1' {
        BeforeAll {
            function Get-Entry([string] $Source, [int] $Id, [int] $Hour, [string] $Message = 'something') {
                [pscustomobject]@{ TimeCreated = [datetime]::new(2026, 11, 20, $Hour, 0, 0); ProviderName = $Source; Id = $Id; Message = $Message }
            }
        }

        It 'makes a table of the kinds, with the figures of the log' {
            $entries = @(
                Get-Entry Login 4625 9
                Get-Entry Update 20 3
                Get-Entry Disk 7 5 'DiskFull'
                Get-Entry Disk 7 2 'DiskFull'
                Get-Entry Login 4625 8
                Get-Entry Login 4625 10
            )
            $run = Invoke-Example event-log-triage.ps1 -InputObject $entries

            $run.ExitCode | Should -Be 1
            $run.Error | Should -BeNullOrEmpty
            $run.Output.Priority | Should -Be 'now', 'unknown', 'later'
            $run.Output.Source | Should -Be 'Disk', 'Update', 'Login'
            $run.Output | ForEach-Object Count | Should -Be 2, 1, 3
            $run.Output[0].First.Hour | Should -Be 2
            $run.Output[0].Last.Hour | Should -Be 5
            $run.Output[0].Action | Should -Be 'Free space.'
        }

        It 'does not say that nothing is urgent where the agent left a kind out' {
            $entries = @(
                Get-Entry Login 4625 9
                Get-Entry Fan 3 5 'FanStopped'
            )
            $run = Invoke-Example event-log-triage.ps1 -InputObject $entries

            $run.ExitCode | Should -Be 2
            $run.Error | Should -BeNullOrEmpty
            $run.Output.Priority | Should -Be 'unknown', 'later'
            $run.Output.Source | Should -Be 'Fan', 'Login'
        }

        It 'says that there is no triage where the agent failed' {
            $run = Invoke-Example event-log-triage.ps1 -InputObject (Get-Entry Login 4625 9)

            $run.ExitCode | Should -Be 2
            $run.Output | Should -BeNullOrEmpty
            "$($run.Error)" | Should -Match 'There is no triage: .*Overloaded'
        }
    }

    Context 'guarded-agent.ps1' -Skip:$IsWindows {
        It 'lets through what is safe, rejects all else with a reason, and writes both down' {
            $folder = (New-Item -ItemType Directory ./guarded/.git -Force).Parent.FullName
            $null = New-Item -ItemType SymbolicLink -Path ./guarded/link -Target $place.Root
            $audit = Join-Path $place.Project 'decisions.csv'
            $run = Invoke-Example guarded-agent.ps1 @{ Prompt = "Tidy the notes of $folder"; WorkingDirectory = 'guarded'; AuditPath = $audit; FailOnDenial = $true } 3>$null

            $run.ExitCode | Should -Be 1
            $run.Error.FullyQualifiedErrorId | Should -Be 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            $run.Output.Outcome | Should -Be 'Denied'
            Get-Content ./guarded/notes.md | Should -Be 'tidy'
            Join-Path $place.Project 'outside.md' | Should -Not -Exist
            Join-Path $place.Root 'outside.md' | Should -Not -Exist
            Join-Path $folder '.git/config' | Should -Not -Exist
            Join-Path $folder 'was-here' | Should -Not -Exist

            $decisions = Import-Csv $audit
            $decisions.Count | Should -Be 7
            ($decisions | Where-Object IsAllowed -EQ 'True').Input | Should -HaveCount 2
            $reasons = ($decisions | Where-Object IsAllowed -EQ 'False').Reason -join "`n"
            foreach ($reason in 'Only these commands may run', 'Write inside of', '\.git is not yours', 'is a link') {
                $reasons | Should -Match $reason
            }
        }

        It 'ends with 1 where the agent gave no answer' {
            $run = Use-AmpReplay -Mock (New-AmpMock -Text '') { Invoke-Example guarded-agent.ps1 @{ Prompt = 'Tidy up' } 3>$null }

            $run.ExitCode | Should -Be 1
            $run.Error | Should -BeNullOrEmpty
            $run.Output.Outcome | Should -Be 'Empty'
        }
    }

    Context 'own-cmdlets-as-tools.ps1' {
        BeforeEach {
            Copy-Item (Join-Path $examples 'tickets.csv') ./tickets.csv
        }

        It 'changes nothing before -Apply is given' {
            $run = Invoke-Example own-cmdlets-as-tools.ps1 @{ Path = './tickets.csv'; Prompt = 'Look for duplicates' } 3>$null

            $run.ExitCode | Should -Be 0
            $run.Output | Should -Be '103 is a duplicate of 101.'
            (Get-FileHash ./tickets.csv).Hash | Should -Be (Get-FileHash (Join-Path $examples 'tickets.csv')).Hash
        }

        It 'changes what it was told to with -Apply' {
            $run = Invoke-Example own-cmdlets-as-tools.ps1 @{ Path = './tickets.csv'; Prompt = 'Close duplicates'; Apply = $true } 3>$null

            $run.ExitCode | Should -Be 0
            $tickets = Import-Csv ./tickets.csv
            $tickets.Count | Should -Be 4
            ($tickets | Where-Object Id -EQ 103).State | Should -Be 'closed'
            $tickets | Where-Object State -EQ 'closed' | Should -HaveCount 1
            $calls = (Get-AmpModelRequest $service)[-1].request.messages[-1].content | Where-Object type -EQ 'tool_result'
            "$($calls[2].content | ConvertTo-Json)" | Should -Match 'There is no ticket 999'
        }

        It 'ends with 1 where the agent cannot be asked' {
            $run = Invoke-Example own-cmdlets-as-tools.ps1 @{ Path = './tickets.csv'; Prompt = 'Something that nobody knows' }

            $run.ExitCode | Should -Be 1
            "$($run.Error)" | Should -Match 'The agent did not answer'
        }

        It 'ends with 1 where the answer is empty' {
            $run = Use-AmpReplay -Mock (New-AmpMock -Text '') { Invoke-Example own-cmdlets-as-tools.ps1 @{ Path = './tickets.csv'; Prompt = 'Look for duplicates' } 3>$null }

            $run.ExitCode | Should -Be 1
            $run.Output | Should -BeNullOrEmpty
            "$($run.Error)" | Should -Match 'Empty'
        }
    }

    Context 'nightly-task.ps1' {
        BeforeAll {
            $task = Join-Path $examples 'nightly-task' 'nightly-task.ps1'
            $reports = Join-Path $place.Root 'reports'

            # As a scheduler starts it.
            function Invoke-Task([string[]] $Argument) {
                & (Get-AmpTestLayout).PowerShell -NoProfile -NonInteractive -File $task -WorkingDirectory $place.Project -ReportFolder $reports @Argument 2>&1 | Out-String
            }

            function Get-LastLine {
                Get-Content (Join-Path $reports 'nightly.log') | Select-Object -Last 1 | ConvertFrom-Json
            }

            # That of the day on which the task was started, or of the next one: the task may take longer than the rest of the day.
            function Get-Report([string] $Day) {
                $file = @($Day, (Get-Date -Format yyyy-MM-dd) | ForEach-Object { Join-Path $reports "nightly-$_.md" } | Where-Object { Test-Path -LiteralPath $_ })
                Get-Content -Raw -LiteralPath $file[-1]
            }
        }

        It 'writes a report and a line of the log' {
            $day = Get-Date -Format yyyy-MM-dd
            $output = Invoke-Task 'Report on the site'

            $LASTEXITCODE | Should -Be 0 -Because $output
            $output.Trim() | Should -BeNullOrEmpty
            $report = Get-Report $day
            $report | Should -Match '(?m)^The certificate ends in three days\.$'
            $line = Get-LastLine
            $line.exitCode | Should -Be 0
            $line.outcome | Should -Be 'Succeeded'
            $line.threadId | Should -Match '^T-'
            $report | Should -Match $line.threadId
            $line.tokens | Should -BeGreaterThan 0
        }

        It 'may only read, and tells that it was not allowed more' {
            $day = Get-Date -Format yyyy-MM-dd
            $output = Invoke-Task 'Mend the site'

            $LASTEXITCODE | Should -Be 1 -Because $output
            $output | Should -Match 'AgentError'
            Get-Report $day | Should -Match '(?s)I may not\..*Not allowed: Bash'
            (Get-LastLine).outcome | Should -Be 'Denied'
        }

        It 'ends in time, and tells from where to go on' {
            $output = Invoke-Task 'Never ending', '-TimeoutSec', '3'

            $LASTEXITCODE | Should -Be 2 -Because $output
            (Get-LastLine).errorId | Should -Be 'Timeout'
            (Get-LastLine).exitCode | Should -Be 2
        }

        It 'says that nothing was started' {
            $env:AMP_CLI_PATH, $path = (Join-Path $place.Root 'no-such-cli'), $env:AMP_CLI_PATH
            try {
                $output = Invoke-Task 'Report on the site'
            } finally {
                $env:AMP_CLI_PATH = $path
            }

            $LASTEXITCODE | Should -Be 3 -Because $output
            $output | Should -Match 'CliNotFound'
            (Get-LastLine).errorId | Should -Be 'CliNotFound'
            Get-ChildItem $reports -Filter *.part | Should -BeNullOrEmpty
        }

        It 'is started by its unit with parameters that it has' {
            $unit = Get-Content -Raw (Join-Path $examples 'nightly-task' 'amp-nightly.service')
            $start = [regex]::Match($unit, '(?m)^ExecStart=pwsh .*?-File \S+/nightly-task\.ps1 (.*)$').Groups[1].Value
            $given = [regex]::Matches($start, '-(\w+) \S+') | ForEach-Object { $_.Groups[1].Value }

            $given | Should -Not -BeNullOrEmpty
            $given | Where-Object { $_ -notin (Get-Command $task).Parameters.Keys } | Should -BeNullOrEmpty
            $limit = [int] [regex]::Match($start, '-TimeoutSec (\d+)').Groups[1].Value
            [int] [regex]::Match($unit, '(?m)^TimeoutStartSec=(\d+)$').Groups[1].Value | Should -BeGreaterThan $limit
            if (Get-Command systemd-analyze -ErrorAction Ignore) {
                Copy-Item (Join-Path $examples 'nightly-task/amp-nightly.*') $place.Root
                $said = & systemd-analyze --user verify (Join-Path $place.Root 'amp-nightly.timer') 2>&1 | Out-String
                $said | Should -Not -Match 'amp-nightly'
            }
        }
    }
}
