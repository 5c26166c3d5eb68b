#Requires -Version 7.4

BeforeDiscovery {
    # Without setsid and a double fork a tree is all there is, and a system that shows no other process's variables cannot be
    # asked for what has left the tree.
    $why = $IsLinux ? '' : ' (not run: the processes of a run that have left its tree are found on Linux only)'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "A run that is ended early leaves nothing behind$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $running = Join-Path $place.Root 'running'
        $steps = 'spawn quiet a', 'spawn stubborn b', 'spawn child c', 'spawn setsid d', 'spawn doublefork e', 'spawn setsid-quiet f',
            'ignore TERM,INT,HUP', 'init', 'assistant working', "mark $running", 'hang'
        $call = Get-AmpFakeCall $place $steps

        # From the moment of the stop on: the statement has returned, and every process that was there is gone. After the exit of the PowerShell of
        # the run, there is no time to wait: the runs of other test processes clean up what it left.
        function Assert-AllGone([double] $TimeoutSec = 120) {
            $runs = @(Get-AmpFakeRecord $place -Kind Run)
            $runs.Count | Should -Be 1
            $runs[0].children.Count | Should -Be 6 -Because 'a test of the clean-up needs something to clean up'
            # None of them ends by itself, so that the time is only a guard against a hang.
            Get-AmpTestLeftover $place -TimeoutSec $TimeoutSec | Should -BeNullOrEmpty
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'by Select-Object -First 1' {
        $first = Invoke-AmpAgent 'go' @call | ForEach-Object { $_ } | Select-Object -First 1

        $first | Should -BeOfType [Amp.SystemMessage]
        Assert-AllGone
    }

    It 'by a downstream throw, which the caller gets as it is' {
        { Invoke-AmpAgent 'go' @call | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        Assert-AllGone
    }

    It 'by a downstream cmdlet''s terminating error' {
        { Invoke-AmpAgent 'go' @call | ForEach-Object { $_ } | Get-Item -LiteralPath { "/no/$($_.Type)" } -ErrorAction Stop } |
            Should -Throw
        Assert-AllGone
    }

    It 'by break' {
        $seen = 0
        foreach ($once in 1, 2) {
            Invoke-AmpAgent "go $once" @call | ForEach-Object { $seen++; break }
        }

        $seen | Should -Be 1
        Assert-AllGone
    }

    It 'by -ErrorAction Stop on a broken line' {
        Add-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT -Value ''
        $script = Get-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT
        Set-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT -Value ($script -replace '^assistant .*', 'out {"type":"assis')
        { Invoke-AmpAgent 'go' @call -ErrorAction Stop | Out-Null } |
            Should -Throw -ErrorId 'InvalidStreamJson,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Assert-AllGone
    }

    It 'by PowerShell.Stop, as Ctrl+C does it' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('Import-Module $args[0]').AddArgument((Get-AmpTestLayout).Module).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript('$call = $args[0]; Invoke-AmpAgent go @call').AddArgument($call)
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            Wait-AmpTestCondition { (Test-Path -LiteralPath $running) -and $output.Count -gt 0 } -Because 'the CLI runs'

            $shell.Stop()

            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            Assert-AllGone
            $output[0] | Should -BeOfType [Amp.SystemMessage]
            $shell.Streams.Error | Should -BeNullOrEmpty -Because 'who stops a run knows it'
        } finally {
            $shell.Dispose()
        }
    }

    It 'by PowerShell.Stop twice, the second time while the first still works' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('Import-Module $args[0]').AddArgument((Get-AmpTestLayout).Module).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript('$call = $args[0]; Invoke-AmpAgent go @call').AddArgument($call).BeginInvoke()
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'

            $first = $shell.BeginStop($null, $null)
            $second = $shell.BeginStop($null, $null)
            $shell.EndStop($first)
            $shell.EndStop($second)

            Assert-AllGone
        } finally {
            $shell.Dispose()
        }
    }

    It 'by the end of its runspace' {
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()
        $shell = [powershell]::Create($runspace)
        try {
            $null = $shell.AddScript('Import-Module $args[0]; $call = $args[1]; Invoke-AmpAgent go @call').
            AddArgument((Get-AmpTestLayout).Module).AddArgument($call).BeginInvoke()
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'

            $runspace.Dispose()

            Assert-AllGone
        } finally {
            $shell.Dispose()
        }
    }

    It 'by Stop-Job on a job of <Kind>' -ForEach @(
        @{ Kind = 'Start-ThreadJob'; Start = { param($script, $arguments) Start-ThreadJob $script -ArgumentList $arguments } }
        @{ Kind = 'Start-Job'; Start = { param($script, $arguments) Start-Job $script -ArgumentList $arguments } }
    ) {
        $script = { param($module, $call) Import-Module $module; Invoke-AmpAgent 'go' @call }
        $job = & $Start $script @((Get-AmpTestLayout).Module, $call)
        try {
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'

            Stop-Job $job

            $job.State | Should -Be 'Stopped'
            Wait-AmpTestCondition { -not (Get-AmpTestProcess $place) } -Because 'the run has ended'
        } finally {
            # The process of Start-Job has files of its own in the temporary folder for as long as it lives.
            Remove-Job $job -Force
        }

        Assert-AllGone
    }

    It 'by exit, with its exit code' {
        $shell = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call | ForEach-Object { exit 7 }' -Call $call -While {
            Wait-AmpTestCondition { Get-AmpFakeRecord $place -Kind Run } -Because 'the CLI runs'
        }

        Assert-AllGone -TimeoutSec 0
        $shell.ExitCode | Should -Be 7
    }

    It 'by SIG<_>, which ends PowerShell itself' -ForEach 'TERM', 'HUP' {
        # The host waits five seconds, of which a CLI that ignores everything takes three: a busy machine may take longer for the rest.
        $signal = $_
        $call = $signal -eq 'TERM' ? $call : (Get-AmpFakeCall $place ($steps -replace '^ignore .*', 'ignore TERM,HUP'))
        $null = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call' -Call $call -While {
            param($process)
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'
            kill "-$signal" $process.Id
        }

        Assert-AllGone -TimeoutSec ($signal -eq 'TERM' ? 120 : 0)
    }

    It 'by the end of a PowerShell in whose thread job it runs' {
        $script = @'
$null = Start-ThreadJob { Import-Module $args[0]; $call = $args[1]; Invoke-AmpAgent go @call } -ArgumentList (Get-Module Amp).Path, $call
while (-not (Test-Path -LiteralPath $env:AMP_TEST_RUNNING)) { Start-Sleep -Milliseconds 20 }
'@
        $null = Invoke-AmpTestShell $place $script -Call $call -Variable @{ AMP_TEST_RUNNING = $running } -While {
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'
        }

        Assert-AllGone -TimeoutSec 0
    }

    It 'by -<Parameter>' -ForEach @(
        @{ Parameter = 'TimeoutSec'; Id = 'Timeout' }
        @{ Parameter = 'IdleTimeoutSec'; Id = 'IdleTimeout' }
    ) {
        # On a busy machine, the start of the CLI takes seconds, and that of its children too: its messages come between the two.
        $call = Get-AmpFakeCall $place (@('init', 'assistant working') + ($steps | Where-Object { $_ -notin 'init', 'assistant working' }))
        $limit = @{ $Parameter = 12 }
        $watch = [System.Diagnostics.Stopwatch]::new()
        $messages = Invoke-AmpAgent 'go' @call @limit -ErrorVariable errors -ErrorAction SilentlyContinue |
            ForEach-Object { $watch.Start(); $_ }

        # The watch has counted the time of the limit too.
        $watch.Elapsed.TotalSeconds | Should -BeGreaterThan 0.5
        Assert-AllGone
        $messages.Count | Should -Be 2
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -Be "$Id,Amp.PowerShell.Commands.InvokeAmpAgentCommand"
        $errors[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        $errors[0].TargetObject | Should -Be $messages[0].ThreadId
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike "*$($messages[0].ThreadId)*"
    }

    It 'by its regular end, with children that go on' {
        $script = Get-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT
        Set-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT -Value ($script -replace '^hang', 'result done')
        $messages = Invoke-AmpAgent 'go' @call -ErrorVariable errors

        $messages[-1].Result | Should -Be 'done'
        $errors | Should -BeNullOrEmpty
        Assert-AllGone
    }
}

Describe "A run whose CLI answers Ctrl+C$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'gives the last result, with the thread to continue, before the error of the timeout' {
        $call = Get-AmpFakeCall $place 'polite', 'init', 'hang'
        $messages = Invoke-AmpAgent 'go' @call -TimeoutSec 10 -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages[-1] | Should -BeOfType [Amp.ErrorResultMessage]
        $messages[-1].Error | Should -BeLike 'User cancelled*'
        $errors.FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        (Get-AmpFakeRecord $place -Kind Run).exitCode | Should -Be 0
    }

    It 'is not ended by -IdleTimeoutSec for as long as something comes' {
        # Longer than the limit together.
        $call = Get-AmpFakeCall $place (@('init') + @('assistant x', 'sleep 300') * 36 + 'result done')
        $messages = Invoke-AmpAgent 'go' @call -IdleTimeoutSec 10 -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        $messages[-1].Result | Should -Be 'done'
    }

    It 'is ended by -TimeoutSec whatever comes' {
        $call = Get-AmpFakeCall $place (@('polite', 'init') + @('assistant x', 'sleep 100') * 200 + 'result done')
        $messages = Invoke-AmpAgent 'go' @call -TimeoutSec 10 -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages.Type | Should -Contain 'assistant'
        $errors.FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'is not started when the one before it in the pipeline was stopped' {
        $call = Get-AmpFakeCall $place 'polite', 'echo'
        'one', 'two', 'three' | Invoke-AmpAgent @call -ResultOnly | Select-Object -First 1 | Out-Null

        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 1
    }

    It 'can be stopped while the CLI is still asked what it is' {
        $call = Get-AmpFakeCall $place 'echo' -Variable @{ AMP_FAKE_HANG = 'version,help' }
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('Import-Module $args[0]').AddArgument((Get-AmpTestLayout).Module).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript('$call = $args[0]; Invoke-AmpAgent go @call').AddArgument($call).BeginInvoke()
            Wait-AmpTestCondition { @(Get-AmpFakeRecord $place).Count -eq 2 } -Because 'the CLI is asked for version and help'
            $shell.Stop()

            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            Get-AmpTestLeftover $place | Should -BeNullOrEmpty
            $shell.Streams.Error | Should -BeNullOrEmpty
        } finally {
            $shell.Dispose()
        }
    }
}

Describe "A signal to exit$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'stops each run once, and waits for all of them once' {
        # Three runs that do not end: each request to stop one of them is a line of the file.
        $script = @'
$file = [System.IO.StreamWriter]::new($env:AMP_TEST_STOPS)
$file.AutoFlush = $true
$stop = [System.Delegate]::CreateDelegate([System.Action], [System.IO.TextWriter]::Synchronized($file), 'WriteLine')
$signals = (Get-Command Invoke-AmpAgent).ImplementingType.Assembly.GetType('Amp.PowerShell.State.HostSignals')
$watches = 1..3 | ForEach-Object { $signals.GetMethod('StopOnSignal').Invoke($null, @($stop)) }
$null = New-Item -ItemType File -Path $env:AMP_TEST_RUNNING
Start-Sleep -Seconds 600
$watches | ForEach-Object Dispose
'@
        $stops = Join-Path $place.Root 'stops'
        $variables = @{ AMP_TEST_STOPS = $stops; AMP_TEST_RUNNING = Join-Path $place.Root 'running' }
        $null = Invoke-AmpTestShell $place $script -Variable $variables -While {
            param($process)
            Wait-AmpTestFile $place running
            kill -TERM $process.Id
        }

        @(Get-Content -LiteralPath $stops).Count | Should -Be 3
    }
}
