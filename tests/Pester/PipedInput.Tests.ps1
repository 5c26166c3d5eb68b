#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "Piped input that reaches the model of the real CLI$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place -Scenario @{ rules = @(@{ answer = 'Understood.' }) }
        $call = Get-AmpLocalCall $place $service

        function Test-WholePrompt([string] $Prompt) {
            # Compared here: of a difference in megabytes, an assertion would print both sides.
            @(Get-AmpModelRequest $service)[-1].prompt -ceq $Prompt
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is a run and a thread for each prompt, one after the other' {
        $messages = 'one', 'two', 'three' | Invoke-AmpAgent @call

        $results = @($messages | Where-Object { $_ -is [Amp.ResultMessage] })
        $results.Count | Should -Be 3
        $results.ThreadId | Select-Object -Unique | Should -HaveCount 3
        $requests = @(Get-AmpModelRequest $service)
        $requests.prompt | Should -Be 'one', 'two', 'three'
        $requests.threadId | Should -Be $results.ThreadId
        $messages[0..3].ThreadId | Select-Object -Unique | Should -Be $results[0].ThreadId
    }

    It 'is a prompt of <Size>, whole' -ForEach @(
        @{ Size = '3 KB'; Unit = 'Zeile ü€𝄞 "quoted" \ back'; Count = 100 }
        @{ Size = '600 KB'; Unit = 'Zeile ü€𝄞 "quoted" \ back'; Count = 20000 }
        @{ Size = '3 MB'; Unit = 'Zeile ü€𝄞 "quoted" \ back'; Count = 100000 }
    ) {
        $prompt = 'Read this: ' + ($Unit * $Count) + 'the end'
        (Invoke-AmpAgent $prompt @call -ResultOnly).Result | Should -Be 'Understood.'

        Test-WholePrompt $prompt | Should -BeTrue
    }

    It 'is what a table of processes shows, without a control sequence' {
        $rendering = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            Get-Process -Id $PID | Invoke-AmpAgent 'which of these is a shell?' @call -ResultOnly | Out-Null
        } finally {
            $PSStyle.OutputRendering = $rendering
        }

        $prompt = (Get-AmpModelRequest $service)[-1].prompt
        $prompt | Should -BeLike "which of these is a shell?`n*"
        $prompt | Should -Match "1 objects, the first of type System\.Diagnostics\.Process"
        $prompt | Should -Match "(?m)^\s*NPM\(K\).*ProcessName$"
        $prompt | Should -Match "(?m)^.*\b$PID\b.*\b$((Get-Process -Id $PID).ProcessName)$"
        $prompt | Should -Not -Match '[\p{Cc}-[\n\t]]'
    }

    It 'is every line of a log, in its order' {
        $log = Join-Path $place.Project 'build.log'
        $lines = 1..500 | ForEach-Object { "line $_" + ' ' * ($_ % 3) + '<b>' }
        Set-Content -LiteralPath $log -Value $lines
        Get-Content -LiteralPath $log | Invoke-AmpAgent 'why does this fail?' @call -ResultOnly | Out-Null

        $prompt = (Get-AmpModelRequest $service)[-1].prompt
        $prompt | Should -BeExactly (
            "why does this fail?`n`nThis was piped in (text):`n`n<input>`n" + ($lines -join "`n") + "`n</input>")
    }
}

Describe 'Piped input' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'of objects and a question is one run about all of them, in their order' {
        [pscustomobject]@{ Name = 'alpha'; Size = 1 }, 'a string between', [pscustomobject]@{ Name = 'beta'; Size = 2 } |
            Invoke-AmpAgent 'which is larger?' @call | Out-Null

        $runs = @(Get-AmpFakeRecord $place -Kind Run)
        $runs.Count | Should -Be 1
        $runs[0].standardInput.text | Should -Match '(?s)^which is larger\?\n.*3 objects.*alpha.*a string between.*beta'
    }

    It 'reaches the CLI by its standard input alone, without a byte order mark' {
        'the log' | Invoke-AmpAgent 'the question' @call | Out-Null

        $run = Get-AmpFakeRecord $place -Kind Run
        $run.standardInput.reachedEnd | Should -BeTrue
        $run.standardInput.firstBytes | Should -BeLike '746865207175657374696f6e*'
        "$($run.commandLine)" | Should -Not -Match 'question|log'
    }

    It 'of wide objects is not cut off at the width of a console' {
        $wide = [pscustomobject]@{ One = 'a' * 60; Two = 'b' * 60; Three = 'c' * 60; Four = 'd' * 60 }
        $wide | Invoke-AmpAgent 'read' @call | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).standardInput.text | Should -Match 'a{60} b{60} c{60} d{60}'
    }

    It 'of nested objects is complete, bytes too' {
        [pscustomobject]@{ Inner = @{ Data = [byte[]]::new(40KB) } } | Invoke-AmpAgent 'read' @call | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).standardInput.text | Should -Match '[^0]0{81920}[^0]'
    }

    It 'of <Size> reaches the CLI whole, at the end too' -ForEach @(
        @{ Size = '2 KB'; Count = 64 }
        @{ Size = '5 MB'; Count = 160000 }
    ) {
        $prompt = 'Zeile ü€𝄞 "quoted" \ back' * $Count + 'the end'
        $result = $prompt | Invoke-AmpAgent @call -ResultOnly

        # Compared here: of a difference in megabytes, an assertion would print both sides.
        $result.Result -ceq "Echo: $prompt" | Should -BeTrue
        (Get-AmpFakeRecord $place -Kind Run).standardInput.reachedEnd | Should -BeTrue
    }

    It 'of the messages of a run can be asked about in the next one' {
        $messages = Invoke-AmpAgent 'first' @call
        $messages | Invoke-AmpAgent 'what came of it?' @call -AsContext -ResultOnly | Out-Null

        $runs = @(Get-AmpFakeRecord $place -Kind Run | Where-Object { $_.standardInput.text -like 'what*' })
        $runs[0].standardInput.text | Should -BeLike '*Echo: first*'
    }

    It 'of nothing, with a question, is a warning and no run' {
        $messages = @() | Invoke-AmpAgent 'why?' @call -WarningVariable warnings 3>$null

        $messages | Should -BeNullOrEmpty
        $warnings.Count | Should -Be 1
        "$warnings" | Should -BeLike '*Nothing was piped in*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'of objects without a question is an error for each object, and no run' {
        $objects = (Get-Process -Id $PID), (Get-Item -LiteralPath $place.Project)
        $messages = $objects | Invoke-AmpAgent @call -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages | Should -BeNullOrEmpty
        $errors.Count | Should -Be 2
        $errors.FullyQualifiedErrorId | Select-Object -Unique | Should -Be 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $errors[0].TargetObject | Should -Be $objects[0]
        $errors[1].TargetObject | Should -Be $objects[1]
        $errors[0].Exception.Message | Should -BeLike '*System.Diagnostics.Process*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*Invoke-AmpAgent*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'of prompts among which one is <Name> gives an error for that one and runs the others' -ForEach @(
        @{ Name = 'empty'; Bad = '' }
        @{ Name = 'blank'; Bad = "  `t" }
        @{ Name = 'null'; Bad = $null }
        @{ Name = 'a number'; Bad = 42 }
    ) {
        $messages = 'one', $Bad, 'two' | Invoke-AmpAgent @call -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages.Result | Should -Be 'Echo: one', 'Echo: two'
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'is the same where it is given by name: <Name>' -ForEach @(
        @{ Name = 'objects'; Work = { Invoke-AmpAgent 'which?' -InputObject $objects @call }; Sent = '(?s)^which\?\n.*3 objects.*alpha.*a string between.*beta' }
        @{ Name = 'a prompt'; Work = { Invoke-AmpAgent -InputObject 'one' @call }; Sent = '^one$' }
        @{ Name = 'a row'; Work = { Invoke-AmpAgent -InputObject @{ Prompt = 'two' } @call }; Sent = '^two$' }
    ) {
        $objects = [pscustomobject]@{ Name = 'alpha'; Size = 1 }, 'a string between', [pscustomobject]@{ Name = 'beta'; Size = 2 }
        & $Work | Out-Null

        $runs = @(Get-AmpFakeRecord $place -Kind Run)
        $runs.Count | Should -Be 1
        $runs[0].standardInput.text | Should -Match $Sent
    }

    It 'is a run for each of several prompts that are given by name, and the thread of the messages of a run' {
        $results = Invoke-AmpAgent -InputObject 'one', 'two' @call -ResultOnly
        $results.Result | Should -Be 'Echo: one', 'Echo: two'

        $run = Invoke-AmpAgent 'first' @call
        (Invoke-AmpAgent 'go on' -InputObject $run @call -ResultOnly).ThreadId | Should -Be $run[0].ThreadId
        { Invoke-AmpAgent 'go on' -InputObject $results @call } | Should -Throw -ErrorId 'InvalidOption,*' -Because 'these are two threads'
    }

    It 'is not left out of a question where it is given by name as <Name>' -ForEach @(
        @{ Name = 'null'; Value = { $null } }
        @{ Name = 'the output of a command that found nothing'; Value = { Get-Item -Path (Join-Path $place.Root 'no-such-*') } }
        @{ Name = 'an empty list'; Value = { , @() } }
        @{ Name = 'a list that holds null'; Value = { 'a', $null } }
    ) {
        { Invoke-AmpAgent 'which of these?' -InputObject (& $Value) @call } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'takes no variable that was never set for the absence of a question' {
        # With every line of a log as a prompt of its own, a misspelt variable would start thousands of runs.
        $errors = @()
        try {
            'line 1', 'line 2' | Invoke-AmpAgent $noSuchVariable @call | Out-Null
        } catch {
            $errors = @($_)
        }

        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is not read to its end when the question is empty' {
        $read = [System.Collections.Generic.List[int]]::new()
        { 1..5 | ForEach-Object { $read.Add($_); $_ } | Invoke-AmpAgent ' ' @call } |
            Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $read.Count | Should -Be 0
    }

    It 'that breaks off with an error starts no run' {
        { 1..3 | ForEach-Object { if ($_ -eq 2) { throw 'upstream' } $_ } | Invoke-AmpAgent 'why?' @call } | Should -Throw 'upstream'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}
