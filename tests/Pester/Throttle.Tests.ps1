#Requires -Version 7.4

# The limit of runs at a time, over all runspaces, sessions and jobs of a process.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'The limit of the process' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore | Out-Null
        Set-AmpThrottle -Default
        Close-AmpTestPlace $place
    }

    It 'is none by default, and what was set' {
        $state = Get-AmpThrottle
        $state.Limit | Should -BeNullOrEmpty
        $state.EffectiveLimit | Should -BeNullOrEmpty
        Set-AmpThrottle 3 -WhatIf
        (Get-AmpThrottle).Limit | Should -BeNullOrEmpty
        Set-AmpThrottle 3 | Should -BeNullOrEmpty
        (Set-AmpThrottle 3 -PassThru).Limit | Should -Be 3
        $state = Get-AmpThrottle
        $state.Limit, $state.EffectiveLimit, $state.Running, $state.Waiting | Should -Be 3, 3, 0, 0
        $state.ReducedUntil | Should -BeNullOrEmpty
        { Set-AmpThrottle 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        { Set-AmpThrottle -Default:$false } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'holds for runs of every runspace' {
        Set-AmpThrottle 1
        $call = Get-AmpFakeCall $place 'init', "if exists $($place.Root)/busy mark $($place.Root)/twice", "mark $($place.Root)/busy", "waitfor $($place.Root)/go", "remove $($place.Root)/busy", 'result done'
        $module = (Get-AmpTestLayout).Module
        $support = (Get-Module Amp.TestSupport).Path
        $rows = 1..3 | ForEach-Object -Parallel {
            Import-Module $using:module
            if ($_ -eq 3) {
                # The first run goes on when the other one waits for it.
                Import-Module $using:support
                Wait-AmpTestCondition { (Get-AmpThrottle).Waiting -eq 1 } -Because 'one of the two runs waits'
                Add-AmpTestFile $using:place go
                return
            }

            $with = $using:call
            Invoke-AmpAgent go @with -ResultOnly -Verbose 4>&1
        }

        @($rows | Where-Object { $_ -is [Amp.ResultMessage] }).Count | Should -Be 2
        (Get-AmpThrottle).Running | Should -Be 0
        @($rows | Where-Object { "$_" -like 'The run waits*' }).Count | Should -Be 1
        Join-Path $place.Root twice | Should -Not -Exist
    }

    It 'holds for the jobs that a pipeline starts while it reads a run, and none of them waits for that run' {
        Set-AmpThrottle 1
        $outer = Get-AmpFakeCall $place 'init', 'assistant one', "waitfor $($place.Root)/go", 'result done'
        $call = Get-AmpFakeCall $place 'init', "if exists $($place.Root)/busy mark $($place.Root)/twice", "mark $($place.Root)/busy", "waitfor $($place.Root)/on", "remove $($place.Root)/busy", 'result done'
        $results = Invoke-AmpAgent outer @outer | Where-Object Type -EQ assistant | ForEach-Object {
            $jobs = 1..3 | ForEach-Object { Invoke-AmpAgent "inner $_" @call -AsJob -ResultOnly }
            Wait-AmpTestFile $place busy
            Wait-AmpTestCondition { (Get-AmpThrottle).Waiting -eq 2 } -Because 'two of the jobs wait'
            (Get-AmpThrottle).Running | Should -Be 2
            Add-AmpTestFile $place on
            # The run that is read has its place until they have ended.
            $jobs | Receive-Job -Wait
            Add-AmpTestFile $place go
        }

        $results.Result | Should -Be 'done', 'done', 'done'
        Join-Path $place.Root twice | Should -Not -Exist
        (Get-AmpThrottle).Running | Should -Be 0
    }

    It 'holds for the turns that a pipeline sends without waiting while it reads a run, unless they require the pipeline' {
        Set-AmpThrottle 1
        $outer = Get-AmpFakeCall $place 'init', 'assistant one', "waitfor $($place.Root)/go", 'result done'
        $turn = Get-AmpFakeCall $place 'polite', 'init', "waitfor $($place.Root)/on", 'turns'
        $sessions = 1..2 | ForEach-Object { New-AmpSession @turn }
        $scripted = New-AmpSession @turn -ApprovalScript { $true }
        $null = Invoke-AmpAgent outer @outer | Where-Object Type -EQ assistant | ForEach-Object {
            $sessions[0], $sessions[1], $scripted | ForEach-Object { Send-AmpMessage $_ 'work' -NoWait }
            (Get-AmpThrottle).Waiting | Should -Be 1
            (Get-AmpThrottle).Running | Should -Be 2
            Add-AmpTestFile $place on
            Add-AmpTestFile $place go
        }

        foreach ($session in $sessions + $scripted) {
            @(Receive-AmpMessage $session -Wait | Where-Object { $_ -is [Amp.AssistantMessage] }).Text | Should -Be 'Echo: work'
            $null = Remove-AmpSession $session
        }
    }

    It 'is lowered by a run that the service refuses before its first message' {
        Set-AmpThrottle 4
        $refused = Get-AmpFakeCall $place 'err Error: 429 Too many requests', 'exit 1'
        $null = Invoke-AmpAgent go @refused -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'Throttled,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        @($warnings).Count | Should -Be 1
        (Get-AmpThrottle).EffectiveLimit | Should -BeLessThan 4
    }

    It 'holds for the runs after one whose verbose messages have ended the pipeline' {
        Set-AmpThrottle 1
        $call = Get-AmpFakeCall $place 'init', "waitfor $($place.Root)/go", 'result done'
        { Invoke-AmpAgent go @call -Verbose 4>&1 | ForEach-Object { if ("$_" -like 'Amp CLI *') { throw 'seen' } } } | Should -Throw 'seen'
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty

        $module = (Get-AmpTestLayout).Module
        $results = Invoke-AmpAgent go @call | ForEach-Object {
            if ($_.Type -eq 'system') {
                (Get-AmpThrottle).Running | Should -Be 1
                $job = Start-ThreadJob { param($module, $with) Import-Module $module; Invoke-AmpAgent go @with -ResultOnly } -ArgumentList $module, $call
                Wait-AmpTestCondition { (Get-AmpThrottle).Waiting -eq 1 } -Because 'the second run waits for the first'
                Add-AmpTestFile $place go
            } else {
                $_
            }
        }

        $results.Result | Should -Be 'done'
        ($job | Receive-Job -Wait -AutoRemoveJob).Result | Should -Be 'done'
    }
}

Describe 'The limit of the process, while a turn of a session is active' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore | Out-Null
        Set-AmpThrottle -Default
        Close-AmpTestPlace $place
    }

    It 'holds for the runs of a call if the turn does not need it: <Name>' -ForEach @(
        @{ Name = 'a job'; Send = @{ AsJob = $true } }
        @{ Name = 'without waiting'; Send = @{ NoWait = $true } }
    ) {
        Set-AmpThrottle 2
        $turn = Get-AmpFakeCall $place 'polite', 'init', 'until work', "mark $($place.Root)/working", "waitfor $($place.Root)/go", 'assistant done', 'turns'
        $session = New-AmpSession @turn
        $null = Send-AmpMessage $session 'work' @Send
        Wait-AmpTestFile $place working
        $call = Get-AmpFakeCall $place "if exists $($place.Root)/busy mark $($place.Root)/twice", "mark $($place.Root)/busy", 'init', 'sleep 300', 'read', "remove $($place.Root)/busy", 'result done'
        $rows = 'a', 'b' | Invoke-AmpAgent @call -ThrottleLimit 2 -ResultOnly -WarningAction SilentlyContinue
        $session.State | Should -Be 'Running'
        Add-AmpTestFile $place go

        $rows.Result | Should -Be 'done', 'done'
        Join-Path $place.Root twice | Should -Not -Exist
    }
}
