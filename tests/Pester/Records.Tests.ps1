#Requires -Version 7.4

# Records of runs: what -TranscriptPath writes, Import-AmpTranscript reads and Measure-AmpUsage adds up.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $transcripts = Join-Path (Get-AmpTestLayout).Root 'tests/transcripts'
}

Describe 'A transcript' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'init', 'assistant one', 'result done'
        $file = Join-Path $place.Root 'run [1].ndjson'
        $folder = Join-Path $place.Root 'runs'
    }

    AfterEach {
        $PSDefaultParameterValues.Remove('Invoke-AmpAgent:TranscriptPath')
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore
        Close-AmpTestPlace $place
    }

    It 'has the objects of the run' {
        $live = Invoke-AmpAgent 'say it' @call -TranscriptPath $file
        $read = Import-AmpTranscript -LiteralPath $file

        $read.GetType().FullName | Should -Be $live.GetType().FullName
        $read.RawJson | Should -Be $live.RawJson
        $read.Time | Should -Be $live.Time
        $read[-1].Outcome | Should -Be 'Succeeded'
        $read[-1].Prompt, $read[-1].TranscriptPath | Should -Be 'say it', $file
        $read[-1].ErrorId | Should -BeNullOrEmpty
        ($read | Out-String) | Should -Be ($live | Out-String)
        (Get-Item -LiteralPath $file | Import-AmpTranscript).RawJson | Should -Be $live.RawJson
        Import-AmpTranscript -LiteralPath $file -Tail 1 | Should -BeOfType Amp.ResultMessage
        if (-not $IsWindows) {
            "$([System.IO.File]::GetUnixFileMode($file))" | Should -Be 'UserWrite, UserRead'
        }
    }

    It 'is written by default where the installation says so, each run to a file of its own' {
        $PSDefaultParameterValues['Invoke-AmpAgent:TranscriptPath'] = "$folder/"
        'one', 'two' | Invoke-AmpAgent @call -ThrottleLimit 2 -WarningAction Ignore | Out-Null
        Invoke-AmpAgent 'three' @call | Out-Null

        Get-ChildItem $folder | Should -HaveCount 3
        (Import-AmpTranscript $folder -ResultOnly).Prompt | Sort-Object | Should -Be 'one', 'three', 'two'
        (Import-AmpTranscript "$folder/*.ndjson" -ResultOnly).Result | Should -Be 'done', 'done', 'done'
        (Get-ChildItem $folder | Import-AmpTranscript -ResultOnly).Count | Should -Be 3
    }

    It 'is relative to where PowerShell is, and is not written with -WhatIf' {
        Push-Location $place.Project
        try {
            Invoke-AmpAgent 'x' @call -TranscriptPath ./sub/ -WhatIf
            './sub' | Should -Not -Exist
            Invoke-AmpAgent 'x' @call -TranscriptPath ./sub/ | Out-Null
            Get-ChildItem './sub' | Should -HaveCount 1
        } finally {
            Pop-Location
        }
    }

    It 'that cannot be written is an error before anything is started' {
        Set-Content -LiteralPath $file 'mine'
        { Invoke-AmpAgent 'x' @call -TranscriptPath $file } | Should -Throw '*not a transcript*' -ErrorId 'InvalidOption,*'
        { Invoke-AmpAgent 'x' @call -TranscriptPath "$folder/no.ndjson" } | Should -Throw "*$folder*" -ErrorId 'InvalidOption,*'
        { New-AmpSession @call -TranscriptPath $file } | Should -Throw '*not a transcript*' -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'of a session has its turns' {
        $call = Get-AmpFakeCall $place 'init', 'turns'
        $session = New-AmpSession @call -TranscriptPath $file
        Send-AmpMessage $session 'first' | Out-Null
        Send-AmpMessage $session 'second' | Out-Null
        Remove-AmpSession $session

        (Import-AmpTranscript -LiteralPath $file | Where-Object Type -EQ assistant).Text | Should -Be 'Echo: first', 'Echo: second'
        (Import-AmpTranscript -LiteralPath $file -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }) -join "`n" | Should -Match 'Input: first'
    }

    It 'of a run that failed has a row with its error' {
        $call = Get-AmpFakeCall $place 'init', 'exit 3'
        Invoke-AmpAgent 'x' @call -TranscriptPath $file -ErrorAction SilentlyContinue | Out-Null
        $row = Import-AmpTranscript -LiteralPath $file -ResultOnly

        $row | Should -BeOfType Amp.ErrorResultMessage
        $row.ErrorId, "$($row.Outcome)" | Should -Be 'CliFailed', 'Failed'
    }

    It 'of a run that failed after its result has a row with the error, and is no success anywhere' {
        $call = Get-AmpFakeCall $place 'init', 'assistant hello', 'result done', 'err could not save', 'exit 3'
        Invoke-AmpAgent 'x' @call -TranscriptPath $file -ErrorAction SilentlyContinue | Out-Null
        $content = Get-Content -Raw -LiteralPath $file
        $content | Should -BeLike '*"end":{"outcome":"Failed"*'

        # Earlier versions wrote the outcome of the result to the end.
        foreach ($written in $content, $content.Replace('"end":{"outcome":"Failed"', '"end":{"outcome":"Succeeded"')) {
            Set-Content -LiteralPath $file -NoNewline -Value $written
            $row = Import-AmpTranscript -LiteralPath $file -ResultOnly
            $row.Result, $row.ErrorId, $row.RunId | Should -Be 'done', 'CliFailed', $row.RunId
            $row.ErrorId | Should -HaveCount 1
            $all = Import-AmpTranscript -LiteralPath $file
            "$($all.Type)", $all[-1].ErrorId | Should -Be 'system assistant result', 'CliFailed'
            "$(($all | Measure-AmpUsage Outcome).Outcome) $(($row | Measure-AmpUsage Outcome).Outcome)" | Should -Be 'Failed Failed'
            foreach ($report in (Export-AmpReport -TranscriptPath ([WildcardPattern]::Escape($file)) -As Markdown), ($all | Export-AmpReport -As Markdown), ($row | Export-AmpReport -As Markdown)) {
                $report | Should -BeLike '*⚠️ Failed*'
                $report | Should -Not -BeLike '*✅*'
            }
        }
    }

    It 'has the error ID of the live row: <Name>' -ForEach @(
        @{ Name = 'a limit of time'; ErrorId = 'Timeout'; Steps = 'polite', 'init', 'hang'; With = @{ TimeoutSec = 10 } }
        @{ Name = 'a limit of use'; ErrorId = 'BudgetReached'; Steps = 'polite', 'init', 'out {"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"Bash","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":20}},"session_id":"${SESSION}"}', 'hang'; With = @{ TokenLimit = 1 } }
        @{ Name = 'a retry that a limit does not allow'; ErrorId = 'BudgetReached'; Steps = 'init', 'assistant half', 'error 529 overloaded_error: Overloaded, try again in 1 ms'; With = @{ RetryLimit = 1; TurnLimit = 1 } }
        @{ Name = 'hashes'; ErrorId = 'Overloaded'; Steps = 'init', 'error 529 overloaded_error: Overloaded'; With = @{ TranscriptContent = 'Hash' } }
    ) {
        $call = Get-AmpFakeCall $place $Steps
        try {
            $live = 'one', 'two' | Invoke-AmpAgent @call @With -ThrottleLimit 2 -TranscriptPath "$folder/" -ResultOnly -ErrorAction SilentlyContinue -WarningAction Ignore
        } finally {
            # The service throttled these runs, and the next ones would wait.
            Set-AmpThrottle -Default
        }

        $live.ErrorId | Should -Be $ErrorId, $ErrorId
        (Import-AmpTranscript $folder -ResultOnly).ErrorId | Should -Be $live.ErrorId
    }

    It 'without an end is a warning, and has a row' {
        Invoke-AmpAgent 'x' @call -TranscriptPath $file | Out-Null
        $lines = Get-Content -LiteralPath $file
        Set-Content -LiteralPath $file -NoNewline -Value ($lines[0..1] + $lines[2].Substring(0, 30) -join "`n")
        (Import-AmpTranscript -LiteralPath $file -WarningVariable warnings -WarningAction SilentlyContinue).Type | Should -Be 'system'
        $warnings | Should -HaveCount 1
        (Import-AmpTranscript -LiteralPath $file -ResultOnly).ErrorId | Should -Be 'CliTerminated'
        (Import-AmpTranscript -LiteralPath $file -WarningAction Ignore | Measure-AmpUsage Prompt).Group | Should -Be 'x'
    }

    It 'is followed with -Wait until its run has ended' {
        $marks = 'go', 'written' | ForEach-Object { Join-Path $place.Root $_ }
        $call = Get-AmpFakeCall $place 'init', 'assistant one', "mark $($marks[1])", "waitfor $($marks[0])", 'assistant two', 'result done'
        $module = (Get-AmpTestLayout).Module
        $job = Start-ThreadJob { $with = $using:call; Import-Module $using:module; Invoke-AmpAgent 'x' @with -TranscriptPath $using:file }
        try {
            Wait-AmpTestFile $place written
            Wait-AmpTestCondition { Test-Path -LiteralPath $file } -Because 'the record is begun'
            $texts = Import-AmpTranscript -LiteralPath $file -Wait | ForEach-Object {
                if ($_.Text -eq 'one') { Set-Content $marks[0] '' }
                "$_"
            }
            $texts[-3..-1] | Should -Be 'one', 'two', 'done'
        } finally {
            $job | Receive-Job -Wait -AutoRemoveJob | Out-Null
        }
    }
}

Describe 'Import-AmpTranscript' {
    It 'gives with -Wait, -Tail and -ResultOnly the last results so far and those to come' {
        $place = Open-AmpTestPlace
        $file = Join-Path $place.Root 'run.ndjson'
        $marks = 'go', 'written' | ForEach-Object { Join-Path $place.Root $_ }
        $call = Get-AmpFakeCall $place 'init', 'result first'
        Invoke-AmpAgent 'x' @call -TranscriptPath $file | Out-Null
        $call = Get-AmpFakeCall $place 'init', "mark $($marks[1])", "waitfor $($marks[0])", 'result second'
        $module = (Get-AmpTestLayout).Module
        $job = Start-ThreadJob { $with = $using:call; Import-Module $using:module; Invoke-AmpAgent 'x' @with -TranscriptPath $using:file }
        try {
            Wait-AmpTestFile $place written
            $results = Import-AmpTranscript $file -Wait -Tail 1 -ResultOnly | ForEach-Object {
                Set-Content $marks[0] ''
                $_.Result
            }
            $results | Should -Be 'first', 'second'
        } finally {
            $job | Receive-Job -Wait -AutoRemoveJob | Out-Null
            Close-AmpTestPlace $place
        }
    }

    It 'reads plain output, and names a broken line' {
        $lines = Get-Content (Join-Path $transcripts 'tool-bash.jsonl')
        $file = Join-Path $TestDrive 'capture.jsonl'
        Set-Content $file -Value ($lines[0], '{"type":', $lines[1..9])
        $read = Import-AmpTranscript $file -ErrorVariable errors -ErrorAction SilentlyContinue

        $read.RawJson | Should -Be $lines
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidStreamJson,Amp.PowerShell.Commands.ImportAmpTranscriptCommand'
        "$($errors[0])" | Should -BeLike "Line 2 of '$file'*"
        { Import-AmpTranscript $file -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidStreamJson,*'
        (Import-AmpTranscript $file -ErrorAction SilentlyContinue | Select-Object -First 1).Type | Should -Be 'system'
    }

    It 'tells the runs of plain output apart, and gives each a row' {
        $killed = Get-Content (Join-Path $transcripts 'rejected.jsonl') | Select-Object -SkipLast 1
        $whole = Get-Content (Join-Path $transcripts 'text.jsonl')
        $file = Join-Path $TestDrive 'nights.jsonl'
        Set-Content $file -Value ($killed + $whole + $killed)

        $rows = Import-AmpTranscript $file -ResultOnly
        "$($rows.Outcome)" | Should -Be 'Failed Succeeded Failed'
        $rows[0, 2].ErrorId | Should -Be 'CliTerminated', 'CliTerminated'
        $rows[1].Denials | Should -BeNullOrEmpty
        (Import-AmpTranscript $file -WarningVariable warnings -WarningAction SilentlyContinue).RawJson | Should -Be ($killed + $whole + $killed)
        $warnings | Should -HaveCount 2
        (Import-AmpTranscript $file -WarningAction Ignore | Measure-AmpUsage).Runs | Should -Be 3
    }

    It 'gives with -Wait and -Tail the last of plain output' {
        $killed = Get-Content (Join-Path $transcripts 'rejected.jsonl') | Select-Object -SkipLast 1
        $whole = Get-Content (Join-Path $transcripts 'text.jsonl')
        $file = Join-Path $TestDrive 'ended.jsonl'
        Set-Content $file -Value ($whole + $killed + $whole)

        (Import-AmpTranscript $file -Wait -Tail 2 -WarningAction Ignore).RawJson | Should -Be $whole[-2, -1]
        "$((Import-AmpTranscript $file -Wait -Tail 1 -ResultOnly).Outcome)" | Should -Be 'Succeeded'
        "$((Import-AmpTranscript $file -Wait -Tail 2 -ResultOnly).Outcome)" | Should -Be 'Failed Succeeded'
        "$((Import-AmpTranscript $file -Wait -Tail 9 -ResultOnly).Outcome)" | Should -Be 'Succeeded Failed Succeeded'
        Import-AmpTranscript $file -Wait -Tail 0 -ResultOnly | Should -BeNullOrEmpty
    }

    It 'says what is not there, and goes on with the next file' {
        $read = Import-AmpTranscript (Join-Path $TestDrive 'nowhere'), (Join-Path $transcripts 'text.jsonl') -ErrorVariable errors -ErrorAction SilentlyContinue
        $read[-1].Result | Should -Be 'Echo: Say hello'
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.ImportAmpTranscriptCommand'
    }

    It 'says once what is not there, also with -Tail and -Wait' {
        Import-AmpTranscript (Join-Path $TestDrive 'nowhere') -Tail 5 -Wait -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors | Should -HaveCount 1
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.ImportAmpTranscriptCommand'
    }

    It 'says that wildcards match nothing, and goes on' {
        $text = Join-Path $transcripts 'text.jsonl'
        $read = Import-AmpTranscript (Join-Path $TestDrive 'rnus/*.ndjson'), (Join-Path $TestDrive '*.none'), 'Env:PAT*', $text -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue
        $read.Result | Should -Be 'Echo: Say hello'
        $errors.FullyQualifiedErrorId | Should -Be (@('InvalidOption,Amp.PowerShell.Commands.ImportAmpTranscriptCommand') * 3)
        "$($errors[0])" | Should -BeLike '*rnus*does not match*'
        Export-AmpReport -TranscriptPath (Join-Path $TestDrive '*.none') -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.ExportAmpReportCommand'
    }

    It 'says that a folder cannot be read, and goes on' -Skip:($IsWindows -or [Environment]::IsPrivilegedProcess) {
        # An administrator can read every folder.
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'closed')
        [System.IO.File]::SetUnixFileMode($folder, 'None')
        try {
            $read = Import-AmpTranscript $folder, (Join-Path $transcripts 'text.jsonl') -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue
        } finally {
            [System.IO.File]::SetUnixFileMode($folder, 'UserRead, UserWrite, UserExecute')
        }
        $read.Result | Should -Be 'Echo: Say hello'
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.ImportAmpTranscriptCommand'
        "$($errors[0])" | Should -BeLike '*closed*cannot be read*'
    }

    It 'reads an exported thread' {
        $file = Join-Path $TestDrive 'thread.json'
        @{
            id = 'T-01a22a1a-0ab8-7058-a7b5-b08884bd1bbc'; title = 'x'
            messages = @(
                @{ role = 'user'; content = @(@{ type = 'text'; text = 'go' }) }
                @{ role = 'assistant'; content = @(@{ type = 'text'; text = 'gone' }); state = @{ stopReason = 'end_turn' }; usage = @{ model = 'm'; inputTokens = 3; outputTokens = 4 } }
            )
        } | ConvertTo-Json -Depth 9 | Set-Content $file
        (Import-AmpTranscript $file).Text | Should -Be 'go', 'gone'
        $total = Import-AmpTranscript $file | Measure-AmpUsage Model
        $total.Model, $total.Runs, $total.InputTokens, $total.OutputTokens | Should -Be 'm', 1, 3, 4
    }
}

Describe 'Measure-AmpUsage' {
    BeforeAll {
        function Get-Step([string] $Id, [int] $In, [int] $Out, [string] $Thread = 'T-1', [string] $Parent = 'null', [string] $Model = 'm') {
            "{`"type`":`"assistant`",`"message`":{`"id`":`"$Id`",`"model`":`"$Model`",`"role`":`"assistant`",`"stop_reason`":`"tool_use`",`"content`":[{`"type`":`"tool_use`",`"id`":`"$Id`",`"name`":`"Bash`",`"input`":{}}],`"usage`":{`"input_tokens`":$In,`"output_tokens`":$Out}},`"parent_tool_use_id`":$Parent,`"session_id`":`"$Thread`"}"
        }

        $file = Join-Path $TestDrive 'usage.jsonl'
        Set-Content $file @(
            Get-Step a 10 1
            Get-Step a 10 3
            Get-Step b 5 5 -Parent '"x"'
            Get-Step c 1 1 -Model other
            '{"type":"result","subtype":"success","is_error":false,"result":"done","duration_ms":1500,"num_turns":2,"usage":{"input_tokens":20,"output_tokens":9},"total_cost_usd":0.25,"session_id":"T-1"}'
        )
    }

    It 'counts an answer in several messages once, subagents too, and the rest that only the result tells' {
        $total = Import-AmpTranscript $file | Measure-AmpUsage
        $total.Runs, $total.Turns, $total.ToolUses, $total.InputTokens, $total.OutputTokens, $total.TotalTokens | Should -Be 1, 2, 4, 20, 9, 29
        $total.Duration, $total.Cost | Should -Be ([timespan]::FromSeconds(1.5)), 0.25
        $total | Should -BeOfType Amp.UsageTotal
    }

    It 'gives the same for results alone and for what comes back from Clixml' {
        $read = Import-AmpTranscript $file
        $alone = $read[-1] | Measure-AmpUsage
        $alone.Runs, $alone.Turns, $alone.ToolUses, $alone.TotalTokens | Should -Be 1, 2, 4, 29
        $read | Export-Clixml (Join-Path $TestDrive 'usage.xml')
        $back = Import-Clixml (Join-Path $TestDrive 'usage.xml') | Measure-AmpUsage
        "$back", $back.Turns, $back.ToolUses | Should -Be "$($read | Measure-AmpUsage)", 2, 4
    }

    It 'counts all tries of a run, also of its result alone' {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'init', 'if start 1 assistant half', 'if start 1 error 529 overloaded_error: Overloaded, try again in 1 ms', 'if start 2 assistant done', 'if start 2 result done'
            $record = Join-Path $place.Root 'run.ndjson'
            $live = Invoke-AmpAgent 'x' @call -RetryLimit 1 -TranscriptPath $record -WarningAction Ignore
            $live[-1].Retries | Should -HaveCount 1
            $live[-1] | Export-Clixml (Join-Path $place.Root 'result.xml')
            foreach ($messages in $live, $live[-1], (Import-Clixml (Join-Path $place.Root 'result.xml')), (Import-AmpTranscript $record), (Import-AmpTranscript $record -ResultOnly)) {
                $total = $messages | Measure-AmpUsage
                $total.Runs, $total.Turns, $total.InputTokens, $total.OutputTokens | Should -Be 1, 2, 20, 40
            }
        } finally {
            Close-AmpTestPlace $place
        }
    }

    It 'groups by <Property>' -ForEach @(
        @{ Property = 'Model'; Group = 'm', 'other'; Tokens = 23, 6 }
        @{ Property = 'Thread'; Group = , 'T-1'; Tokens = , 29 }
        @{ Property = 'Outcome'; Group = , 'Truncated'; Tokens = , 29 }
        @{ Property = 'Host'; Group = , [Environment]::MachineName; Tokens = , 29 }
        @{ Property = 'Thread', 'Model'; Group = 'T-1, m', 'T-1, other'; Tokens = 23, 6 }
    ) {
        $totals = @(Import-AmpTranscript $file | Measure-AmpUsage $Property)
        $totals.Group | Should -Be $Group
        $totals.TotalTokens | Should -Be $Tokens
        $totals.Runs | Should -Be (@(1) * $totals.Count)
    }

    It 'counts what another computer has sent for that one' {
        Import-AmpTranscript $file | Export-Clixml (Join-Path $TestDrive 'sent.xml')
        foreach ($name in 'web01', 'localhost') {
            $sent = Import-Clixml (Join-Path $TestDrive 'sent.xml') | Add-Member NoteProperty PSComputerName $name -PassThru
            $total = $sent | Measure-AmpUsage Host

            # Jobs of this computer say localhost.
            $total.HostName, $total.Runs | Should -Be ($name -eq 'localhost' ? [Environment]::MachineName : $name), 1
        }
    }

    It 'groups live runs by day and prompt' {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'init', 'assistant one', 'result done'
            $before = [datetime]::Today
            $totals = 'a', 'b' | Invoke-AmpAgent @call -ThrottleLimit 2 -WarningAction Ignore | Measure-AmpUsage Prompt, Day
        } finally {
            Close-AmpTestPlace $place
        }

        $totals.Prompt | Sort-Object | Should -Be 'a', 'b'
        $totals.Day | ForEach-Object { $_ | Should -BeIn $before, ([datetime]::Today) }
        $totals.OutputTokens | Should -Be 20, 20
    }

    It 'groups live runs by prompt, one after the other' {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'echo'
            $totals = 'a', 'b' | Invoke-AmpAgent @call | Measure-AmpUsage Prompt
        } finally {
            Close-AmpTestPlace $place
        }

        $totals.Prompt | Should -Be 'a', 'b'
        $totals.Runs | Should -Be 1, 1
    }

    It 'counts a run over midnight on both days of the local time zone' -Skip:$IsWindows {
        # Windows does not read its time zone from a variable.
        $place = Open-AmpTestPlace
        try {
            $night = Join-Path $place.Root 'night.ndjson'
            Set-Content $night @(
                '{"amp_transcript":1,"run":"a","time":"2026-11-30T14:59:00.000Z"}'
                "{`"run`":`"a`",`"ms`":1,`"line`":$(Get-Step a 10 1)}"
                "{`"run`":`"a`",`"ms`":120000,`"line`":$(Get-Step b 20 2)}"
                '{"run":"a","ms":120001,"end":{"outcome":"Failed"}}'
            )
            $shell = Invoke-AmpTestShell $place "Import-AmpTranscript '$night' | Measure-AmpUsage Day | ForEach-Object { `"`$(`$_.Group) `$(`$_.OutputTokens)`" }" -Variable @{ TZ = 'Asia/Tokyo' }
        } finally {
            Close-AmpTestPlace $place
        }

        $shell.Output.Trim() -split '\r?\n' | Should -Be '2026-11-30 1', '2026-12-01 2'
    }

    It 'refuses what is not a message, and goes on' {
        $total = @(Import-AmpTranscript $file) + 'text' | Measure-AmpUsage -ErrorVariable errors -ErrorAction SilentlyContinue
        $total.Runs | Should -Be 1
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.MeasureAmpUsageCommand'
    }
}
