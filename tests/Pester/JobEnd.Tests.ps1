#Requires -Version 7.4

# How runs of -AsJob end, by themselves and when their job is ended, and that they leave nothing behind.

BeforeDiscovery {
    $noScript = $IsWindows ? ' (not run: the fake of this test is a shell script)' : ''
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $module = (Get-AmpTestLayout).Module
    Import-Module $module

    # One that answers no signal and has a child that does not either, once it says that it runs.
    function Get-StubbornCall([string] $Ignored = 'TERM,INT,HUP') {
        Get-AmpFakeCall $place 'spawn stubborn a', "ignore $Ignored", 'init', 'assistant working', "mark $($place.Root)/running", 'hang'
    }

    # For an end that waits five seconds and no longer. A CLI that ignores Ctrl+C too takes three of them, and a busy machine may need the rest.
    function Get-InterruptibleCall {
        Get-StubbornCall 'TERM,HUP'
    }

    # After the exit of the PowerShell of the job, there is no time to wait: the runs of other test processes clean up what it left.
    function Assert-AllGone([double] $TimeoutSec = 60) {
        $runs = @(Get-AmpFakeRecord $place -Kind Run)
        $runs.children | Should -Not -BeNullOrEmpty -Because 'a test of the clean-up needs something to clean up'
        Get-AmpTestLeftover $place -TimeoutSec $TimeoutSec | Should -BeNullOrEmpty
        (Get-AmpThrottle).Running | Should -Be 0
    }
}

Describe "A hundred runs in a job, eight at a time$noScript" -Skip:([bool] $noScript) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFanOutCall $place
        $kinds = @{
            success = @{ State = 'Completed'; Outcome = 'Succeeded' }
            error = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'AgentError' }
            crash = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'CliFailed' }
            hang = @{ State = 'Failed'; Outcome = 'TimedOut'; ErrorId = 'Timeout' }
            throttled = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'Throttled' }
            label = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'InvalidOption' }
            empty = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'InvalidOption' }
            nowhere = @{ State = 'Failed'; Outcome = 'Failed'; ErrorId = 'InvalidOption' }
        }
        $tasks = Get-AmpFanOutTask $place -Seed 2
        $job = $tasks | Invoke-AmpAgent @call -ThrottleLimit 8 -TimeoutSec 15 -ResultOnly -AsJob
        $null = Wait-Job $job
        $rows = Receive-Job $job -ErrorVariable errors -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        Set-AmpThrottle -Default
    }

    AfterAll {
        Get-Job | Remove-Job
        Close-AmpTestPlace $place
    }

    It 'are a child job and a row each' {
        $job.State, $job.Runs, $job.Done, $job.Failed | Should -Be 'Failed', 100, 100, 56
        $job.ChildJobs.RunId | Should -Be (1..100)
        # Those of each child job come together.
        $rows.RunId | Should -Be (1..100)
        $rows | ForEach-Object { $_ -is [Amp.ResultMessage] } | Should -Not -Contain $false
    }

    It 'end as a run of their kind ends' {
        foreach ($child in $job.ChildJobs) {
            $task = $tasks[$child.RunId - 1]
            $row = $rows[$child.RunId - 1]
            $kind = $kinds[$task.Kind]
            $child.State, $child.ErrorId | Should -Be $kind.State, $kind.ErrorId -Because $task.Kind
            $row.ErrorId | Should -Be $kind.ErrorId -Because $task.Kind
            "$($row.Outcome)" | Should -Be $kind.Outcome -Because $task.Kind
            $row.Prompt | Should -BeExactly $task.Prompt
            $child.JobStateInfo.Reason.ErrorId | Should -Be $kind.ErrorId -Because $task.Kind
        }
    }

    It 'give an error for each that failed, about its prompt' {
        $own = @($errors | Where-Object FullyQualifiedErrorId -NotLike 'JobStateFailed*')
        $failed = $tasks | Where-Object Kind -NE success
        $own.Count | Should -Be $failed.Count
        $own.TargetObject | Should -Be $failed.Prompt
        $own.FullyQualifiedErrorId | Should -Be ($failed.Kind | ForEach-Object { $kinds[$_].ErrorId })
        $own | Where-Object FullyQualifiedErrorId -EQ InvalidOption | ForEach-Object { "$_" | Should -Match '^Row \d+:' }
    }

    It 'leave no process' {
        Get-AmpProcess | Where-Object IsOwn | Should -BeNullOrEmpty
        $job.HasMoreData | Should -BeFalse
    }
}

Describe 'A job that is ended' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-StubbornCall
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Close-AmpTestPlace $place
    }

    It 'by Stop-Job ends the process tree, and begins no other run' {
        $job = 'one', 'two' | Invoke-AmpAgent @call -AsJob
        Wait-AmpTestFile $place running
        Stop-Job $job

        $job.State | Should -Be 'Stopped'
        $job.ChildJobs.State | Should -Be 'Stopped', 'Stopped'
        $job.ChildJobs[0].ErrorId | Should -Be 'Canceled'
        Assert-AllGone
        Get-AmpFakeRecord $place -Kind Run | Should -HaveCount 1
        $written = Receive-Job $job -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable errors
        $written.Type | Should -Be 'system', 'assistant'
        "$warnings" | Should -BeLike 'Run 1: thread * was stopped*'
        $errors | Should -BeNullOrEmpty
        Stop-Job $job
        $job.State | Should -Be 'Stopped'
    }

    It 'by Stop-Job of one run, which leaves the others at work' {
        $call = Get-AmpFakeCall $place 'spawn stubborn a', 'ignore TERM,INT,HUP', 'init', "if start 1 mark $($place.Root)/running-1", "if start 2 mark $($place.Root)/running-2", "waitfor $($place.Root)/go", 'result done'
        $job = 'one', 'two', 'three' | Invoke-AmpAgent @call -AsJob -ThrottleLimit 2 -ResultOnly
        Wait-AmpTestFile $place running-1
        Wait-AmpTestFile $place running-2
        Wait-AmpTestCondition { $job.ChildJobs[0].State -eq 'Running' -and $job.ChildJobs[1].State -eq 'Running' } -Because 'two runs are at work'
        Stop-Job -Id $job.ChildJobs[2].Id
        Stop-Job -Id $job.ChildJobs[0].Id
        $job.ChildJobs.State | Should -Be 'Stopped', 'Running', 'Stopped'
        $job.State | Should -Be 'Running'
        Add-AmpTestFile $place go
        $null = Wait-Job $job

        $job.ChildJobs.State | Should -Be 'Stopped', 'Completed', 'Stopped'
        $job.State | Should -Be 'Stopped'
        $rows = Receive-Job $job -WarningAction SilentlyContinue -ErrorVariable errors
        $rows.RunId | Should -Be 1, 2, 3
        $rows.ErrorId | Should -Be 'Canceled', $null, 'Canceled'
        "$($rows[2].Outcome)" | Should -Be "$($rows[0].Outcome)"
        $errors | Should -BeNullOrEmpty
        Assert-AllGone
    }

    It 'by Stop-Job gives a row for each run, those that had not begun too' {
        $job = 'one', 'two', 'three' | Invoke-AmpAgent @call -AsJob -ResultOnly
        Wait-AmpTestFile $place running
        Stop-Job $job
        $rows = Receive-Job $job -WarningAction SilentlyContinue -ErrorVariable errors
        $rows.RunId | Should -Be 1, 2, 3
        $rows.ErrorId | Should -Be 'Canceled', 'Canceled', 'Canceled'
        $errors | Should -BeNullOrEmpty
        Assert-AllGone
    }

    It 'by Stop-Job of one run, while its CLI is asked what it is' {
        $slow = Get-AmpFakeCall $place -Variable @{ AMP_FAKE_HANG = 'version,help' }
        $job = 'one', 'two' | Invoke-AmpAgent @slow -AsJob -ResultOnly
        Wait-AmpTestCondition { @(Get-AmpFakeRecord $place).Count -eq 2 } -Because 'the CLI is asked for version and help'
        Stop-Job -Id $job.ChildJobs[0].Id
        $job.ChildJobs[0].State, $job.ChildJobs[0].ErrorId | Should -Be 'Stopped', 'Canceled'
        $job.ChildJobs[0].Error | Should -BeNullOrEmpty

        # The second one goes on: it asks the CLI too.
        Wait-AmpTestCondition { @(Get-AmpFakeRecord $place).Count -eq 4 } -Because 'the CLI is asked again'
        $job.State | Should -Be 'Running'
        Stop-Job -Id $job.ChildJobs[1].Id
        (Wait-Job $job).State | Should -Be 'Stopped'
        (Receive-Job $job -ErrorVariable errors).ErrorId | Should -Be 'Canceled', 'Canceled'
        $errors | Should -BeNullOrEmpty
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }

    It 'by Remove-Job -Force' {
        $job = Invoke-AmpAgent one @call -AsJob
        Wait-AmpTestFile $place running
        { Remove-Job $job -ErrorAction Stop } | Should -Throw
        Remove-Job $job -Force

        Get-Job | Should -BeNullOrEmpty
        Assert-AllGone
    }

    It 'by Dispose' {
        $job = Invoke-AmpAgent one @call -AsJob
        Wait-AmpTestFile $place running
        $job.Dispose()
        Assert-AllGone
    }

    It 'by the end of its runspace' {
        $call = Get-InterruptibleCall
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()
        $shell = [powershell]::Create($runspace)
        try {
            $job = $shell.AddScript('Import-Module $args[0]; $call = $args[1]; Invoke-AmpAgent go @call -AsJob').AddArgument($module).AddArgument($call).Invoke()[0]
            $shell.Streams.Error | Should -BeNullOrEmpty
            Wait-AmpTestFile $place running
            $runspace.Dispose()
            $job.State | Should -Be 'Stopped'
        } finally {
            $shell.Dispose()
        }

        Assert-AllGone
    }

    It 'by Remove-Module' {
        $call = Get-InterruptibleCall
        $shell = Invoke-AmpTestShell $place -Call $call -Variable @{ AMP_TEST_RUNNING = "$($place.Root)/running" } @'
$job = Invoke-AmpAgent go @call -AsJob
while (-not (Test-Path -LiteralPath $env:AMP_TEST_RUNNING)) { Start-Sleep -Milliseconds 20 }
Remove-Module Amp
"$($job.State)"
'@
        $shell.Output.Trim() | Should -Be 'Stopped'
        Assert-AllGone -TimeoutSec 0
    }

    It 'by the end of PowerShell: <_>' -ForEach 'exit 7', '' {
        $shell = Invoke-AmpTestShell $place -Call $call -Variable @{ AMP_TEST_RUNNING = "$($place.Root)/running" } @"
`$job = Invoke-AmpAgent go @call -AsJob
while (-not (Test-Path -LiteralPath `$env:AMP_TEST_RUNNING)) { Start-Sleep -Milliseconds 20 }
$_
"@
        $shell.Error | Should -BeNullOrEmpty
        $shell.ExitCode | Should -Be ($_ ? 7 : 0)
        Assert-AllGone -TimeoutSec 0
    }

    It 'by SIG<_>, which ends PowerShell itself' -Skip:$IsWindows -ForEach 'TERM', 'HUP' {
        $signal = $_
        $call = Get-InterruptibleCall
        $null = Invoke-AmpTestShell $place '$job = Invoke-AmpAgent go @call -AsJob; Start-Sleep 1800' -Call $call -While {
            param($process)
            Wait-AmpTestFile $place running
            kill "-$signal" $process.Id
        }

        Assert-AllGone -TimeoutSec 0
    }
}

Describe 'A turn of a session in a job' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'polite', 'init', 'turns'
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore | Out-Null
        Close-AmpTestPlace $place
    }

    It 'gives its messages, and the session goes on' {
        $session = New-AmpSession @call
        $job = Send-AmpMessage $session 'one' -AsJob -JobName turn
        $job | Should -BeOfType [Amp.PowerShell.AmpJob]
        $job.Name, $job.Runs, $job.ChildJobs[0].Prompt | Should -Be 'turn', 1, 'one'
        (Receive-Job $job -Wait | Where-Object { $_ -is [Amp.AssistantMessage] }).Text | Should -Be 'Echo: one'
        $job.State | Should -Be 'Completed'
        (Send-AmpMessage $session 'two' -ResultOnly).Text | Should -Be 'Echo: two'
        $session.TurnCount | Should -Be 2
    }

    It 'is one after the other, where there are several' {
        $session = New-AmpSession @call
        $job = 'one', 'two' | Send-AmpMessage $session -AsJob -ResultOnly
        $job.Runs | Should -Be 1
        (Receive-Job $job -Wait).Text | Should -Be 'Echo: one', 'Echo: two'
    }

    It 'fails the job where it fails' {
        $session = New-AmpSession @call
        $null = Remove-AmpSession $session
        $job = Send-AmpMessage $session 'one' -AsJob
        $null = Wait-Job $job
        $job.State, $job.ChildJobs[0].ErrorId | Should -Be 'Failed', 'SessionEnded'
        $job.ChildJobs[0].Error.FullyQualifiedErrorId | Should -Be 'SessionEnded'
    }

    It 'is stopped by Stop-Job, and the session goes on' {
        $call = Get-AmpFakeCall $place 'if start 1 spawn stubborn child', 'polite', 'init', 'if start 1 until work', "if start 1 mark $($place.Root)/running", 'if start 1 hang', 'turns'
        $session = New-AmpSession @call
        $job = Send-AmpMessage $session 'work' -AsJob
        Wait-AmpTestFile $place running
        Stop-Job $job
        $job.State, $job.ChildJobs[0].State | Should -Be 'Stopped', 'Stopped'
        Get-AmpTestProcess $place | Should -BeNullOrEmpty
        (Send-AmpMessage $session 'again' -ResultOnly).Text | Should -Be 'Echo: again'
    }

    It 'is refused before there is one: <Name>' -ForEach @(
        @{ Name = 'a session with scripts'; Work = { Send-AmpMessage (New-AmpSession @call -ApprovalScript { $true }) x -AsJob } }
        @{ Name = 'without waiting'; Work = { Send-AmpMessage (New-AmpSession @call) x -AsJob -NoWait } }
        @{ Name = 'a name without a job'; Work = { Send-AmpMessage (New-AmpSession @call) x -JobName x } }
    ) {
        $Work | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.SendAmpMessageCommand'
        Get-Job | Should -BeNullOrEmpty
    }

    It 'is not sent with -WhatIf' {
        Send-AmpMessage (New-AmpSession @call) x -AsJob -WhatIf | Should -BeNullOrEmpty
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }
}
