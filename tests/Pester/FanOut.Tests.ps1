#Requires -Version 7.4

# Many runs of one call: -ThrottleLimit and tables of tasks.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $noScript = $IsWindows ? ' (not run: the fake of this test is a shell script)' : ''
    $clis = @('MarchCli', 'NativeCli') | ForEach-Object { @{ Cli = $_; Gap = Get-AmpTestGap $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "A hundred runs, eight at a time$noScript" -Skip:([bool] $noScript) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFanOutCall $place
        $kinds = [ordered]@{
            success = @{ Outcome = 'Succeeded' }
            error = @{ Outcome = 'Failed'; ErrorId = 'AgentError' }
            crash = @{ Outcome = 'Failed'; ErrorId = 'CliFailed' }
            hang = @{ Outcome = 'TimedOut'; ErrorId = 'Timeout' }
            throttled = @{ Outcome = 'Failed'; ErrorId = 'Throttled' }
            label = @{ Outcome = 'Failed'; ErrorId = 'InvalidOption' }
            empty = @{ Outcome = 'Failed'; ErrorId = 'InvalidOption' }
            nowhere = @{ Outcome = 'Failed'; ErrorId = 'InvalidOption' }
        }
        $tasks = Get-AmpFanOutTask $place -Seed 1
        $rows = $tasks | Invoke-AmpAgent @call -ThrottleLimit 8 -TimeoutSec 15 -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue
        Set-AmpThrottle -Default
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'give a row each' {
        $rows.Count | Should -Be 100
        $rows.RunId | Sort-Object | Should -Be (1..100)
        $rows | ForEach-Object { $_ -is [Amp.ResultMessage] } | Should -Not -Contain $false
    }

    It 'end as a run of their kind ends' {
        foreach ($row in $rows) {
            $task = $tasks[$row.RunId - 1]
            $row.Prompt | Should -BeExactly $task.Prompt
            $row.ErrorId | Should -Be $kinds[$task.Kind].ErrorId -Because $task.Kind
            "$($row.Outcome)" | Should -Be $kinds[$task.Kind].Outcome -Because $task.Kind
            if ($task.Kind -eq 'success') {
                $row.Result | Should -BeExactly "$($task.Prompt) done"
            }
        }
    }

    It 'give an error for each that failed, about its prompt' {
        $failed = $tasks | Where-Object Kind -NE success
        # Not by -ErrorVariable alone: it also has what the hosts of nested pipelines say.
        $own = @($errors | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $own.Count | Should -Be $failed.Count
        $own.TargetObject | Sort-Object | Should -Be ($failed.Prompt | Sort-Object)
        ($own.FullyQualifiedErrorId -replace ',.*' | Sort-Object) | Should -Be ($failed.Kind | ForEach-Object { $kinds[$_].ErrorId } | Sort-Object)
    }

    It 'name the row of what cannot be used' {
        $own = $errors | Where-Object FullyQualifiedErrorId -Like 'InvalidOption*'
        foreach ($number in 1..100 | Where-Object { $tasks[$_ - 1].Kind -in 'label', 'empty', 'nowhere' }) {
            @($own | Where-Object { "$_" -like "Row ${number}:*" }).Count | Should -Be 1
        }
    }

    It 'leave no process' {
        Get-AmpProcess | Where-Object IsOwn | Should -BeNullOrEmpty
    }
}

Describe "Piped prompts with -ThrottleLimit$noScript" -Skip:([bool] $noScript) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFanOutCall $place
    }

    AfterEach {
        Set-AmpThrottle -Default
        Close-AmpTestPlace $place
    }

    It 'write messages that tell their run' {
        $messages = 1..6 | ForEach-Object { "prompt $_" } | Invoke-AmpAgent @call -ThrottleLimit 3 -WarningAction SilentlyContinue

        $messages.Count | Should -Be 24
        foreach ($run in $messages | Group-Object RunId) {
            $run.Group.Prompt | Select-Object -Unique | Should -BeExactly "prompt $($run.Name)"
            $run.Group.Type | Should -Be 'system', 'assistant', 'assistant', 'result'
            $run.Group.ThreadId | Select-Object -Unique | Should -HaveCount 1
            $run.Group[1].Text | Should -BeExactly "prompt $($run.Name) 1"
        }
    }

    It 'work at the same time' {
        # None goes on before the others have started.
        $steps = @('init') + (1..3 | ForEach-Object { "if start $_ mark $($place.Root)/here-$_" }) + (1..3 | ForEach-Object { "waitfor $($place.Root)/here-$_" }) + 'result done'
        $fake = Get-AmpFakeCall $place $steps
        $rows = 'a', 'b', 'c' | Invoke-AmpAgent @fake -ThrottleLimit 3 -ResultOnly -WarningAction SilentlyContinue -TimeoutSec 600

        $rows.Result | Should -Be 'done', 'done', 'done'
    }

    It 'are read no further than runs have ended' {
        $taken = 0
        $seen = [System.Collections.Generic.List[int]]::new()
        1..12 | ForEach-Object { $taken++; "prompt $_" } | Invoke-AmpAgent @call -ThrottleLimit 2 -ResultOnly -WarningAction SilentlyContinue |
            ForEach-Object { $seen.Add($taken) }

        $seen.Count | Should -Be 12
        for ($i = 0; $i -lt 12; $i++) { $seen[$i] | Should -BeLessOrEqual ($i + 3) }
    }

    It 'without it are written as they are, in their order' {
        $rows = 'a', 'b', 'c' | Invoke-AmpAgent @call -ResultOnly

        $rows.Result | Should -Be 'a done', 'b done', 'c done'
        $rows[0].PSObject.Properties['RunId'] | Should -BeNullOrEmpty
    }

    It 'warn once of runs in one folder' {
        $null = 1..5 | ForEach-Object { "$_" } | Invoke-AmpAgent @call -ThrottleLimit 3 -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue

        @($warnings).Count | Should -Be 1
        "$warnings" | Should -BeLike "*$($place.Project)*"
    }

    It 'warn of one folder that is also given as <Name>' -ForEach @(
        @{ Name = 'a path with a separator at its end'; Other = { "$($place.Project)/" } }
        @{ Name = 'a link'; Other = { (New-Item -ItemType SymbolicLink -Path (Join-Path $place.Root 'link') -Target $place.Project).FullName } }
    ) {
        # None goes on before the other has started.
        $steps = @('init') + (1..2 | ForEach-Object { "if start $_ mark $($place.Root)/here-$_" }) + (1..2 | ForEach-Object { "waitfor $($place.Root)/here-$_" }) + 'result done'
        $fake = Get-AmpFakeCall $place $steps
        $rows = $place.Project, (& $Other) | ForEach-Object { @{ Prompt = 'x'; WorkingDirectory = $_ } } |
            Invoke-AmpAgent @fake -ThrottleLimit 2 -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue -TimeoutSec 600

        $rows.Result | Should -Be 'done', 'done'
        @(@($warnings) -like '*WorkingDirectory*').Count | Should -Be 1
    }

    It 'do not warn of folders of their own' {
        $null = 1..4 | ForEach-Object { @{ Prompt = "$_"; WorkingDirectory = Add-AmpTestFolder $place "own-$_" } } |
            Invoke-AmpAgent @call -ThrottleLimit 4 -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue

        $warnings | Should -BeNullOrEmpty
    }

    It 'take mode and labels of their row' {
        $tasks = @'
Prompt,WorkingDirectory,Mode,Label,Notes
a,WORK,smart,"one, two;three",ignored
b,WORK,,,
'@ -creplace 'WORK', (Add-AmpTestFolder $place 'args') | ConvertFrom-Csv
        $rows = $tasks | Invoke-AmpAgent @call -Mode rush -Label base | Where-Object Text -Match '--execute'

        $rows[0].Text | Should -Match '--mode=smart.*--label=one.*--label=two.*--label=three'
        $rows[1].Text | Should -Match '--mode=rush.*--label=base'
        $rows.RunId | Should -Be 1, 2
    }

    It 'take the folder of a column Cwd, which is the alias of the parameter' {
        $failing = Add-AmpTestFolder $place 'error'
        $rows = @(
            @{ Prompt = 'a'; Cwd = $failing }
            [pscustomobject] @{ Prompt = 'b'; WorkingDirectory = ''; Cwd = $failing }
            @{ Prompt = 'c'; WorkingDirectory = Add-AmpTestFolder $place 'plain'; Cwd = $failing }
            @{ Prompt = 'd'; Cwd = '' }
        ) | Invoke-AmpAgent @call -ResultOnly -ErrorAction SilentlyContinue

        $rows.ErrorId | Should -Be 'AgentError', 'AgentError', $null, 'InvalidOption'
    }

    It 'refuse an empty folder and go on' {
        $rows = @{ Prompt = 'a'; WorkingDirectory = '' }, @{ Prompt = 'b' } | Invoke-AmpAgent @call -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue

        $rows.ErrorId | Should -Be 'InvalidOption', $null
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        $errors[0].TargetObject | Should -Be 'a'
        "$($errors[0])" | Should -Match '^Row 1:.*WorkingDirectory'
    }

    It 'work in the folder that is current when they are piped' {
        $here = $call.Clone()
        $here.Remove('WorkingDirectory')
        $rows = 'plain', 'error' | ForEach-Object { Push-Location (Add-AmpTestFolder $place $_); "in $_"; Pop-Location } |
            Invoke-AmpAgent @here -ThrottleLimit 2 -ResultOnly -ErrorAction SilentlyContinue

        ($rows | Sort-Object RunId).Outcome | Should -Be 'Succeeded', 'Failed'
    }

    It 'do not continue one thread at the same time' {
        $thread = 'T-019b2c1e-0000-7000-8000-000000000001'
        $rows = $thread, $thread, "https://ampcode.com/threads/$thread", "$($thread.ToUpperInvariant()) " |
            ForEach-Object { @{ Prompt = $_; ThreadId = $_; WorkingDirectory = Add-AmpTestFolder $place 'hang-thread' } } |
            Invoke-AmpAgent @call -ThrottleLimit 4 -TimeoutSec 3 -ResultOnly -ErrorAction SilentlyContinue -WarningAction SilentlyContinue

        ($rows | Sort-Object RunId).ErrorId | Should -Be 'Timeout', 'InvalidOption', 'InvalidOption', 'InvalidOption'
    }

    It 'do not wait for each other in one pipeline: <Name>' -ForEach @(
        @{ Name = 'below'; Work = { Invoke-AmpAgent 'a' @call | Where-Object Type -EQ result | ForEach-Object { Invoke-AmpAgent "then $($_.Result)" @call -ResultOnly } } }
        @{ Name = 'below many'; Work = { 'a', 'b' | Invoke-AmpAgent @call -ThrottleLimit 2 -ResultOnly | ForEach-Object { Invoke-AmpAgent "then $($_.Result)" @call -ResultOnly } } }
        @{
            Name = 'in another runspace'
            Work = {
                Invoke-AmpAgent 'a' @call | Where-Object Type -EQ result | ForEach-Object {
                    $module = (Get-AmpTestLayout).Module
                    $prompt = "then $($_.Result)"
                    $job = Start-ThreadJob { Import-Module $using:module; $call = $using:call; Invoke-AmpAgent $using:prompt @call -ResultOnly }
                    $null = $job | Wait-Job -Timeout 600
                    $job | Receive-Job
                    $job | Remove-Job -Force
                }
            }
        }
        @{
            Name = 'a turn of a session that is received later'
            Work = {
                # The run goes on only after the turn.
                $waits = Get-AmpFakeCall $place 'init', 'assistant one', "waitfor $($place.Root)/go", 'result done'
                $turns = Get-AmpFakeCall $place 'polite', 'init', 'turns'
                $session = New-AmpSession @turns
                Invoke-AmpAgent 'a' @waits | ForEach-Object {
                    if ($_.Type -eq 'assistant') {
                        Send-AmpMessage $session 'then' -NoWait
                        $null = Receive-AmpMessage $session -Wait
                        Add-AmpTestFile $place go
                    }

                    $_
                } | Where-Object Type -EQ result
                $null = Remove-AmpSession $session
            }
        }
    ) {
        try {
            Set-AmpThrottle -Limit 1
            @(& $Work)[0].Result | Should -Match 'done'
        }
        finally {
            Set-AmpThrottle -Default
        }

        (Get-AmpThrottle).Running | Should -Be 0
    }

    It 'without a CLI fail each for itself' {
        $missing = $call.Clone()
        $missing.CliPath = Join-Path $place.Root 'none'
        $rows = 'a', 'b', 'c' | Invoke-AmpAgent @missing -ThrottleLimit 2 -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue

        $rows.ErrorId | Should -Be 'CliNotFound', 'CliNotFound', 'CliNotFound'
        $errors.TargetObject | Should -Be 'a', 'b', 'c'
    }

    It 'that hold objects without a prompt are no tasks' {
        Get-Item $place.Root | Invoke-AmpAgent @call -ThrottleLimit 2 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

        $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
    }

    It 'are what a prompt is about, where there is one' {
        $fake = Get-AmpFakeCall $place
        $row = [pscustomobject]@{ Prompt = 'no task' } | Invoke-AmpAgent 'the question' @fake -ResultOnly

        $row.PSObject.Properties['RunId'] | Should -BeNullOrEmpty
        $row.Result | Should -BeLike 'Echo: the question*no task*'
    }

    It 'cannot be used with <Name>' -ForEach @(
        @{ Name = 'a prompt'; Work = { Invoke-AmpAgent 'x' @call -ThrottleLimit 2 } }
        @{ Name = 'a message'; Work = { Invoke-AmpAgent -Message (New-AmpUserMessage x) @call -ThrottleLimit 2 } }
        @{ Name = 'a thread'; Work = { 'x' | Invoke-AmpAgent @call -ThrottleLimit 2 -ThreadId T-1 } }
        @{ Name = 'the last thread'; Work = { 'x' | Invoke-AmpAgent @call -ThrottleLimit 2 -ContinueThread } }
        @{ Name = 'turns of a conversation'; Work = { New-AmpUserMessage x | Invoke-AmpAgent @call -ThrottleLimit 2 } }
    ) {
        $Work | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'start nothing with -WhatIf' {
        'a', 'b' | Invoke-AmpAgent @call -ThrottleLimit 2 -WhatIf | Should -BeNullOrEmpty
        (Get-AmpThrottle).Running | Should -Be 0
    }

    It 'end with everything they started when the pipeline ends early: <Name>' -ForEach @(
        @{ Name = 'Select-Object'; Work = { $tasks | Invoke-AmpAgent @call -ThrottleLimit 4 | Select-Object -First 6 } }
        @{ Name = 'throw'; Work = { try { $tasks | Invoke-AmpAgent @call -ThrottleLimit 4 | ForEach-Object { if (++$count -eq 6) { throw 'enough' } } } catch { "$_" } } }
        @{ Name = '-ErrorAction Stop'; Work = { try { @($tasks) + 'x' | Invoke-AmpAgent @call -ThrottleLimit 5 -TimeoutSec 2 -ErrorAction Stop } catch { $_ } } }
    ) {
        $count = 0
        $tasks = 1..4 | ForEach-Object { @{ Prompt = "$_"; WorkingDirectory = Add-AmpTestFolder $place "hang-$_" } }
        & $Work | Should -Not -BeNullOrEmpty

        Get-AmpProcess | Where-Object IsOwn | Should -BeNullOrEmpty
        (Get-AmpThrottle).Running | Should -Be 0
    }

    It 'show all runs in the progress, below one for all' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                    param($module, $call)
                    Import-Module $module
                    1..3 | ForEach-Object { @{ Prompt = "prompt $_"; WorkingDirectory = "$($call.WorkingDirectory)/hang-$_" } } |
                        Invoke-AmpAgent @call -ThrottleLimit 3 -TimeoutSec 10 -ErrorAction SilentlyContinue
                }).AddArgument((Get-AmpTestLayout).Module).AddArgument($call)
            1..3 | ForEach-Object { $null = New-Item -ItemType Directory (Join-Path $place.Project "hang-$_") }
            $null = $shell.Invoke()
            $records = @($shell.Streams.Progress)
        } finally {
            $shell.Dispose()
        }

        $parents = @($records | Where-Object ParentActivityId -LT 0 | Where-Object RecordType -EQ Processing)
        $parents.ActivityId | Select-Object -Unique | Should -HaveCount 1
        # On a busy machine, the first one may come before all have started.
        @($parents.StatusDescription) -like '3 running*' | Should -Not -BeNullOrEmpty
        $parent = $parents[0]
        $children = $records | Where-Object ParentActivityId -EQ $parent.ActivityId
        $children.Activity | Select-Object -Unique | Sort-Object | Should -Be 'Run 1: prompt 1', 'Run 2: prompt 2', 'Run 3: prompt 3'
        ($records | Where-Object RecordType -EQ Completed).ActivityId | Sort-Object | Should -Be (@($parent.ActivityId) + @($children.ActivityId | Select-Object -Unique) | Sort-Object)
    }
}

Describe 'Scripts of the caller in many runs' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'verify each run on the pipeline thread' {
        $call = Get-AmpFakeCall $place
        $threads = [System.Collections.Generic.List[int]]::new()
        $rows = 1..4 | ForEach-Object { "prompt $_" } | Invoke-AmpAgent @call -ThrottleLimit 4 -ResultOnly -WarningAction SilentlyContinue -Verify {
            $threads.Add([System.Environment]::CurrentManagedThreadId)
            $true
        }

        $rows.Count | Should -Be 4
        $rows.ErrorId | Where-Object { $_ } | Should -BeNullOrEmpty
        $threads.Count | Should -Be 4
        $threads | Select-Object -Unique | Should -Be ([System.Environment]::CurrentManagedThreadId)
    }
}

Describe 'The real CLI <Cli><Gap>' -ForEach $clis {
    It 'works side by side with itself' -Skip:([bool] $Gap) {
        $place = Open-AmpTestPlace
        try {
            $service = Open-AmpLocalService $place -Scenario @{ rules = @(@{ when = @{ prompt = 'bad' }; answer = @{ error = @{ status = 400; type = 'invalid_request_error'; message = 'No.' } } }, @{ answer = 'Understood.' }) }
            $call = Get-AmpLocalCall $place $service -Cli $Cli
            $rows = 'one', 'bad', 'three' | Invoke-AmpAgent @call -ThrottleLimit 2 -ResultOnly -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -TimeoutSec 600 | Sort-Object RunId

            $rows.RunId | Should -Be 1, 2, 3
            $rows[0, 2].Result | Should -Be 'Understood.', 'Understood.'
            $rows[1].ErrorId | Should -Not -BeNullOrEmpty
            $rows.ThreadId | Select-Object -Unique | Should -HaveCount 3
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
