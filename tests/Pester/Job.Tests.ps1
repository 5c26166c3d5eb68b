#Requires -Version 7.4

# Runs of -AsJob: what of them can be received and when, what cannot be a job, and how jobs are shown.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap NativeCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $module = (Get-AmpTestLayout).Module
    Import-Module $module
}

Describe 'A job' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Set-AmpThrottle -Default
        Close-AmpTestPlace $place
    }

    It 'is there at once, and is a job like others' {
        $call = Get-AmpFakeCall $place 'init', 'assistant one', "waitfor $($place.Root)/go", 'result done'
        $job = Invoke-AmpAgent 'the prompt' @call -AsJob -JobName Nightly

        $job | Should -BeOfType [Amp.PowerShell.AmpJob]
        $job.PSJobTypeName, $job.Name, $job.Location, $job.Runs, $job.Done | Should -Be 'AmpJob', 'Nightly', 'localhost', 1, 0
        $job.State | Should -Be 'Running'
        $job.HasMoreData | Should -BeTrue
        $job.Command | Should -BeLike "*Invoke-AmpAgent 'the prompt' @call -AsJob -JobName Nightly"
        Get-Job -Name Nightly | Should -Be $job
        (Get-Job -Id $job.Id -IncludeChildJob).Count | Should -Be 2
        $child = $job.ChildJobs[0]
        $child | Should -BeOfType [Amp.PowerShell.AmpChildJob]
        $child.RunId, $child.Prompt, $child.Command | Should -Be 1, 'the prompt', 'the prompt'
        Add-AmpTestFile $place go
        Wait-Job $job | Should -Be $job

        $job.State, $child.State, $job.Done, $job.Failed | Should -Be 'Completed', 'Completed', 1, 0
        $child.Result.Result | Should -Be 'done'
        $child.ThreadId | Should -Be $child.Result.ThreadId
        $job.PSBeginTime | Should -BeLessOrEqual $job.PSEndTime
        $child.PSBeginTime | Should -BeLessOrEqual $child.PSEndTime
        { $job.StartJob() } | Should -Throw '*cannot be started again*'
    }

    It 'gives what the run has written so far, while it works' {
        $call = Get-AmpFakeCall $place 'init', 'assistant one', "waitfor $($place.Root)/go", 'err a line', 'assistant two', 'result done'
        $job = Invoke-AmpAgent go @call -AsJob
        $child = $job.ChildJobs[0]
        Wait-AmpTestCondition { $child.Output.Count -eq 2 } -Because 'two messages are there'

        $kept = Receive-Job $job -Keep
        $job.State | Should -Be 'Running'
        $first = Receive-Job $job
        $first | ForEach-Object { $_.GetType() } | Should -Be ([Amp.SystemMessage]), ([Amp.AssistantMessage])
        $first[1].Text | Should -Be 'one'
        for ($i = 0; $i -lt 2; $i++) {
            [object]::ReferenceEquals($kept[$i].PSObject.BaseObject, $first[$i].PSObject.BaseObject) | Should -BeTrue
        }

        Receive-Job $job | Should -BeNullOrEmpty
        Add-AmpTestFile $place go
        $null = Wait-Job $job
        $job.HasMoreData | Should -BeTrue
        $rest = Receive-Job $job -Verbose 4>&1
        ($rest | Where-Object { $_ -is [Amp.StreamMessage] }).Type | Should -Be 'assistant', 'result'
        "$($rest | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })" | Should -Match 'Amp CLI: a line'
        $job.HasMoreData | Should -BeFalse
        $first[0].PSObject.Properties['RunId'] | Should -BeNullOrEmpty
    }

    It 'can be waited for by Receive-Job' {
        $call = Get-AmpFakeCall $place
        $all = 'a', 'b' | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -ResultOnly | Receive-Job -Wait -AutoRemoveJob -WarningAction SilentlyContinue

        ($all | Sort-Object RunId).Result | Should -Be 'Echo: a', 'Echo: b'
        Get-Job | Should -BeNullOrEmpty
    }

    It 'can be waited for with its own object first, and its states' {
        $call = Get-AmpFakeCall $place 'init', "waitfor $($place.Root)/go", 'result done'
        $job = 'a', 'b' | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -ResultOnly
        Add-AmpTestFile $place go
        $all = @($job | Receive-Job -Wait -WriteJobInResults -WriteEvents -WarningAction SilentlyContinue)
        $all[0] | Should -Be $job
        ($all | Where-Object { $_ -is [Amp.ResultMessage] }).RunId | Sort-Object | Should -Be 1, 2
        # One of each child job, and one of the job.
        ($all | Where-Object { $_ -is [System.Management.Automation.JobStateEventArgs] }).JobStateInfo.State | Should -Be 'Completed', 'Completed', 'Completed'
        $all.Count | Should -Be 6
    }

    It 'says how far it is' {
        $call = Get-AmpFakeCall $place 'init', (Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'make' }), "waitfor $($place.Root)/go", 'sleep 400', 'assistant two', 'result done'
        $job = Invoke-AmpAgent go @call -AsJob
        $child = $job.ChildJobs[0]
        Wait-AmpTestCondition { $child.Output.Count -eq 2 } -Because 'the tool call is there'
        $job.StatusMessage | Should -Match '^turn 1, Bash, \d+ tokens$'
        $before = $child.Usage.OutputTokens
        Add-AmpTestFile $place go
        $null = Wait-Job $job

        $job.StatusMessage | Should -Match '^turn 2, Bash, \d+ tokens$'
        $child.Usage.OutputTokens | Should -BeGreaterThan $before
        $child.Information.MessageData.ToolName | Should -Be 'Bash'
        # The last state alone: that it is to be taken away.
        $child.Progress | Should -HaveCount 1
        $child.Progress[0].RecordType | Should -Be 'Completed'
    }

    It 'does its runs one after the other, in their order' {
        # Each says whether another one is at work.
        $call = Get-AmpFakeCall $place "if exists $($place.Root)/busy mark $($place.Root)/twice", "mark $($place.Root)/busy", 'init', "waitfor $($place.Root)/go", 'read', "remove $($place.Root)/busy", 'result done', 'exit 0'
        $job = 'a', 'b', 'c' | Invoke-AmpAgent @call -AsJob
        Wait-AmpTestFile $place busy
        Wait-AmpTestCondition { $job.ChildJobs[0].State -eq 'Running' } -Because 'the job knows that its first run is at work'
        $job.ChildJobs.State | Should -Be 'Running', 'NotStarted', 'NotStarted'
        Add-AmpTestFile $place go
        $null = Wait-Job $job
        Join-Path $place.Root twice | Should -Not -Exist

        $times = $job.ChildJobs.PSBeginTime
        $times | Should -Be ($times | Sort-Object)
        for ($i = 1; $i -lt 3; $i++) { $job.ChildJobs[$i].PSBeginTime | Should -BeGreaterOrEqual $job.ChildJobs[$i - 1].PSEndTime }
        (Receive-Job $job | Where-Object Type -EQ result).RunId | Should -Be 1, 2, 3
    }

    It 'continues one thread with each of its runs' {
        $call = Get-AmpFakeCall $place
        $thread = (Invoke-AmpAgent first @call -ResultOnly).ThreadId
        $job = 1..5 | ForEach-Object { "$_" } | Invoke-AmpAgent -ThreadId $thread -AsJob @call -ResultOnly
        (Receive-Job $job -Wait).Outcome | Should -Be (@('Succeeded') * 5)
        $job.State | Should -Be 'Completed'
    }

    It 'continues a thread whose run has ended, before anybody is told of that end' {
        $thread, $other = 1..2 | ForEach-Object { "T-00000000-0000-4000-8000-00000000000$_" }
        $call = Get-AmpFakeCall $place "waitfor $($place.Root)/begin", 'init', "if argument $other waitfor $($place.Root)/go",
            "if argument $thread if exists $($place.Root)/first mark $($place.Root)/third", "if argument $thread mark $($place.Root)/first", 'result done'
        Add-Type -TypeDefinition @"
public static class AmpTestJobHold {
    public static void UntilNext(System.Management.Automation.Job held, System.Management.Automation.Job next, string mark) =>
        held.Output.DataAdded += (_, _) => System.Threading.SpinWait.SpinUntil(
            () => System.IO.File.Exists(mark) || next.JobStateInfo.State == System.Management.Automation.JobState.Failed, 120000);
}
"@
        $job = $thread, $other, $thread | ForEach-Object { @{ Prompt = 'go on'; ThreadId = $_ } } | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -ResultOnly
        $third = $job.ChildJobs[2]
        [AmpTestJobHold]::UntilNext($job.ChildJobs[0], $third, "$($place.Root)/third")
        Add-AmpTestFile $place begin
        Wait-AmpTestCondition { $third.State -ne 'NotStarted' -or (Test-Path "$($place.Root)/third") } -Because 'the third run begins, or is refused'
        Add-AmpTestFile $place go
        $null = Wait-Job $job
        $job.ChildJobs.State | Should -Be 'Completed', 'Completed', 'Completed'
        @($job.ChildJobs)[0, 2].ThreadId | Should -Be $thread, $thread
    }

    It 'can be stopped by who is told of it' {
        $call = Get-AmpFakeCall $place 'polite', 'init', 'hang'
        Add-Type -TypeDefinition @"
public static class AmpTestJobHandler {
    public static void StopAtOutput(System.Management.Automation.Job parent, System.Management.Automation.Job child) =>
        child.Output.DataAdded += (_, _) => parent.StopJob();
}
"@
        $job = 'a', 'b' | Invoke-AmpAgent -AsJob @call
        [AmpTestJobHandler]::StopAtOutput($job, $job.ChildJobs[0])
        if ($job.ChildJobs[0].Output.Count -gt 0) { $job.StopJob() }
        (Wait-Job $job).State | Should -Be 'Stopped'
    }

    It 'does a conversation as one run' {
        $call = Get-AmpFakeCall $place 'polite', 'init', 'turns'
        $job = New-AmpUserMessage 'one', 'two' | Invoke-AmpAgent @call -AsJob
        $job.Runs | Should -Be 1
        (Receive-Job $job -Wait | Where-Object { $_ -is [Amp.AssistantMessage] }).Text | Should -Be 'Echo: one', 'Echo: two'
    }

    It 'asks about piped objects' {
        $call = Get-AmpFakeCall $place
        $result = Get-Item $place.Root | Invoke-AmpAgent 'the question' @call -AsJob -ResultOnly | Receive-Job -Wait
        $result.Result | Should -BeLike "Echo: the question*$(Split-Path -Leaf $place.Root)*"
    }

    It 'reports a failed run as the call does, and as a job does' {
        $call = Get-AmpFakeCall $place 'init', 'error It went wrong.'
        Invoke-AmpAgent go @call -ErrorVariable direct -ErrorAction SilentlyContinue | Out-Null
        $job = Invoke-AmpAgent go @call -AsJob
        $null = Wait-Job $job
        $child = $job.ChildJobs[0]

        $job.State, $child.State, $child.ErrorId, $job.Failed | Should -Be 'Failed', 'Failed', 'AgentError', 1
        $child.JobStateInfo.Reason | Should -BeOfType [Amp.AmpAgentException]
        $child.Error | Should -HaveCount 1
        $child.Error[0].FullyQualifiedErrorId | Should -Be 'AgentError'
        $child.Error[0].CategoryInfo.Category | Should -Be $direct[0].CategoryInfo.Category
        $child.Error[0].TargetObject | Should -BeOfType $direct[0].TargetObject.GetType()
        "$($child.Error[0])" | Should -Be "$($direct[0])"
        $messages = Receive-Job $job -ErrorVariable errors -ErrorAction SilentlyContinue
        $messages[-1] | Should -BeOfType [Amp.ErrorResultMessage]
        # The second one is PowerShell's own, about every failed job.
        $errors.FullyQualifiedErrorId | Should -Be 'AgentError', 'JobStateFailed'
        { Receive-Job $job -ErrorAction Stop } | Should -Throw
    }

    It 'has warnings in the stream of warnings' {
        $call = Get-AmpFakeCall $place 'init', 'out no message', 'result done'
        $job = Invoke-AmpAgent go @call -AsJob
        $null = Receive-Job $job -Wait -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*no message*'
    }

    It 'tells its states as events' {
        $call = Get-AmpFakeCall $place 'init', "waitfor $($place.Root)/go", 'result done'
        $job = Invoke-AmpAgent go @call -AsJob
        $id = "amp-$($place.Id)"
        $null = Register-ObjectEvent $job StateChanged -SourceIdentifier $id
        try {
            Add-AmpTestFile $place go
            $told = Wait-Event -SourceIdentifier $id -Timeout 120
            $told.SourceEventArgs.JobStateInfo.State | Should -Be 'Completed'
            $told.SourceEventArgs.PreviousJobStateInfo.State | Should -Be 'Running'
        } finally {
            Unregister-Event -SourceIdentifier $id
            Get-Event | Where-Object SourceIdentifier -EQ $id | Remove-Event
        }
    }

    It 'goes on when nobody receives' {
        $call = Get-AmpFakeCall $place 'init', 'repeat 20000 assistant a message', 'result done'
        $job = Invoke-AmpAgent go @call -AsJob
        (Wait-Job $job).State | Should -Be 'Completed'
        (Receive-Job $job).Count | Should -Be 20002
    }

    It 'does not change what -ContinueThread continues' {
        $call = Get-AmpFakeCall $place
        $before = Invoke-AmpAgent one @call -ResultOnly
        $null = Invoke-AmpAgent two @call -AsJob | Receive-Job -Wait
        (Invoke-AmpAgent three @call -ContinueThread -ResultOnly).ThreadId | Should -Be $before.ThreadId
    }

    It 'takes its turn in the limit of the process' {
        Set-AmpThrottle 1
        $call = Get-AmpFakeCall $place 'init', "if exists $($place.Root)/busy mark $($place.Root)/twice", "mark $($place.Root)/busy", "waitfor $($place.Root)/go", "remove $($place.Root)/busy", 'result done'
        $one = Invoke-AmpAgent one @call -AsJob
        Wait-AmpTestFile $place busy
        $two = Invoke-AmpAgent two @call -AsJob
        Wait-AmpTestCondition { (Get-AmpThrottle).Waiting -eq 1 } -Because 'the second job waits'
        Wait-AmpTestCondition { $two.StatusMessage -eq 'waiting to start' } -Because 'the second job says so'
        Get-AmpFakeRecord $place -Kind Run | Should -HaveCount 1
        Add-AmpTestFile $place go
        ($one, $two | Wait-Job).State | Should -Be 'Completed', 'Completed'
        Join-Path $place.Root twice | Should -Not -Exist
        (Get-AmpThrottle).Running | Should -Be 0
    }

    It 'can be waited for by who reads a run, under a limit that this run has reached' {
        Set-AmpThrottle 1
        $call = Get-AmpFakeCall $place
        $inner = Invoke-AmpAgent outer @call | Where-Object Type -EQ assistant | ForEach-Object {
            Invoke-AmpAgent inner @call -AsJob -ResultOnly | Receive-Job -Wait -AutoRemoveJob
        }

        $inner.Result | Should -Be 'Echo: inner'
    }

    It 'has a child job with the number of the messages for each prompt' {
        $call = Get-AmpFakeCall $place
        $job = 'a', $null, 'b' | Invoke-AmpAgent @call -AsJob -ErrorAction SilentlyContinue
        $null = Wait-Job $job
        $job.ChildJobs.RunId | Should -Be 1, 3
        foreach ($child in $job.ChildJobs) {
            $child.Output.RunId | Select-Object -Unique | Should -Be $child.RunId
        }
    }

    It 'has child jobs that are not taken for processes' {
        $call = Get-AmpFakeCall $place
        $job = 'a', 'b' | Invoke-AmpAgent @call -AsJob
        $null = Wait-Job $job
        $job.ChildJobs | Stop-AmpProcess -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be (@('InvalidOption,Amp.PowerShell.Commands.StopAmpProcessCommand') * 2)
        $errors.TargetObject | Should -Be $job.ChildJobs.Id
    }

    It 'works in the runspaces of ForEach-Object -Parallel' {
        $call = Get-AmpFakeCall $place
        $rows = 1..4 | ForEach-Object -ThrottleLimit 2 -Parallel {
            Import-Module $using:module
            $with = $using:call
            "a $_", "b $_" | Invoke-AmpAgent @with -AsJob -ThrottleLimit 2 -ResultOnly | Receive-Job -Wait -AutoRemoveJob -WarningAction SilentlyContinue
        }

        $rows.Result | Sort-Object | Should -Be (('a', 'b' | ForEach-Object { $letter = $_; 1..4 | ForEach-Object { "Echo: $letter $_" } }))
    }

    It 'writes the objects of an answer: <Name>' -Skip:([bool] $missing) -ForEach @(
        @{ Name = 'a hashtable as schema'; Schema = @{ type = 'array'; items = @{ type = 'string' } }; Type = [string] }
        @{ Name = 'a compiled type'; Schema = [string[]]; Type = [string] }
    ) {
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service -Cli NativeCli
        $job = Invoke-AmpAgent 'RUN:mcp__amp_output__submit {"value":["a","b"]}END' @call -OutputSchema $Schema -OutputOnly -AsJob
        $answer = Receive-Job $job -Wait -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors | Should -BeNullOrEmpty
        $answer | Should -Be 'a', 'b'
        $answer | Should -BeOfType $Type
    }
}

Describe 'What cannot be a job' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        class JobAnswer { [string] $Name }
        $answer = [JobAnswer[]]
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is refused before there is one: <Name>' -ForEach @(
        @{ Name = 'a script that verifies'; Work = { Invoke-AmpAgent x @call -AsJob -Verify { $true } } }
        @{ Name = 'a script that approves'; Work = { 'x', 'y' | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -ApprovalScript { $true } } }
        @{ Name = 'a question'; Work = { Invoke-AmpAgent x @call -AsJob -Confirm } }
        @{ Name = 'a command as a tool'; Work = { Invoke-AmpAgent x @call -AsJob -Tool Get-Date } }
        @{ Name = 'a script as a tool'; Work = { Invoke-AmpAgent x @call -AsJob -Tool (New-AmpTool { 1 } -Name one -Description one) } }
        @{ Name = 'a class of a script'; Work = { Invoke-AmpAgent x @call -AsJob -OutputSchema $answer } }
        @{ Name = 'turns with a script'; Work = { New-AmpUserMessage x | Invoke-AmpAgent @call -AsJob -Verify { $true } } }
        @{ Name = 'turns among prompts'; Work = { 'x', (New-AmpUserMessage y) | Invoke-AmpAgent @call -AsJob } }
        @{ Name = 'prompts among turns'; Work = { (New-AmpUserMessage y), 'x' | Invoke-AmpAgent @call -AsJob } }
        @{ Name = 'rows among turns'; Work = { (New-AmpUserMessage y), @{ Prompt = 'x' } | Invoke-AmpAgent @call -AsJob } }
        @{ Name = 'a prompt at several times'; Work = { Invoke-AmpAgent x @call -AsJob -ThrottleLimit 2 } }
        @{ Name = 'a mode that is none'; Work = { Invoke-AmpAgent x @call -AsJob -Label 'no_label!' } }
        @{ Name = 'a name without a job'; Work = { Invoke-AmpAgent x @call -JobName x } }
        @{ Name = 'no prompt'; Work = { Invoke-AmpAgent @call -AsJob } }
    ) {
        $Work | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-Job | Should -BeNullOrEmpty
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'is told with what to do' {
        $failure = { Invoke-AmpAgent x @call -AsJob -Verify { $true } } | Should -Throw -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Start-ThreadJob'
        $failure.TargetObject | Should -Be 'Verify'
    }

    It 'is nothing: -WhatIf, or no object' {
        'a', 'b' | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -WhatIf | Should -BeNullOrEmpty
        Invoke-AmpAgent x @call -AsJob -WhatIf | Should -BeNullOrEmpty
        New-AmpUserMessage x | Invoke-AmpAgent @call -AsJob -WhatIf | Should -BeNullOrEmpty
        @() | Invoke-AmpAgent @call -AsJob | Should -BeNullOrEmpty
        Get-Job | Should -BeNullOrEmpty
    }
}

Describe 'The table of jobs' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $job = 'one', 'two' | Invoke-AmpAgent @call -AsJob -JobName Nightly -WarningAction SilentlyContinue
        $other = Start-ThreadJob { 'other' }
        $null = $job, $other | Wait-Job
    }

    AfterAll {
        Get-Job | Remove-Job
        Close-AmpTestPlace $place
    }

    It 'has a row for each, whatever comes first' {
        $own = @($job, $other | Out-String -Stream -Width 120 | Where-Object { $_ })
        $own | Should -HaveCount 4
        $own[0] | Should -Match 'Name\s+State\s+HasMoreData\s+Runs\s+Done\s+Failed\s+Command'
        $own[2] | Should -Match 'Nightly\s+Completed\s+True\s+2\s+2\s+0'
        $own[3] | Should -Match "$($other.Name)\s+Completed"
        @($other, $job | Out-String -Stream -Width 120 | Where-Object { $_ }) | Should -HaveCount 4
    }

    It 'has the state of each run' {
        $rows = @($job.ChildJobs | Out-String -Stream -Width 120 | Where-Object { $_ })
        $rows | Should -HaveCount 4
        $rows[3] | Should -Match '2 Completed\s+True\s+turn 1, \d+ tokens\s+two'
    }

    It 'has everything as a list' {
        "$($job | Format-List | Out-String)" | Should -Match '(?s)Name\s+: Nightly.*StatusMessage : 2 of 2 ended, 0 running.*Command'
        "$($job.ChildJobs[0] | Format-List | Out-String)" | Should -Match '(?s)State\s+: Completed.*Prompt\s+: one'
    }
}
