#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-ToolCall {
        # What a prompt says so that the model of the local service calls a tool.
        [CmdletBinding()]
        [OutputType([string])]
        param([string] $Name, [System.Collections.IDictionary] $Argument = @{})

        "RUN:mcp__ps__$Name $($Argument | ConvertTo-Json -Depth 9 -Compress)END"
    }

    function Get-ToolAnswer {
        # What the model was told of its last calls, in their order.
        [CmdletBinding()]
        [OutputType([pscustomobject])]
        param([pscustomobject] $Service)

        $last = (Get-AmpModelRequest $Service)[-1].request.messages[-1]
        foreach ($block in $last.content | Where-Object { $_.type -eq 'tool_result' }) {
            $text = @($block.content)[0] -is [string] ? "$($block.content)" : -join @($block.content).text
            [pscustomobject]@{ Text = $text -replace '^<error>|</error>$', ''; IsError = $text -like '<error>*' -or $block.is_error }
        }
    }
}

Describe "Tools of the session$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    AfterEach {
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }

    It 'are called in the session: they read and change it, fail, put out much, are given nonsense, and the run goes on' {
        $script:count = 40
        $local = 'of the test'
        $list = [System.Collections.Generic.List[string]]::new()
        function Add-Count {
            param([Parameter(Mandatory)] [int] $By)

            $script:count += $By
            [pscustomobject]@{ Count = $script:count; Local = $local; Nested = @{ A = @(1, @{ B = $null }) } }
        }

        function Test-Failure {
            param([ValidateSet('throw', 'error', 'warning')] [string] $How)

            switch ($How) {
                'throw' { throw 'It broke.' }
                'error' { 'before'; Write-Error 'It went on.' -ErrorAction Continue }
                'warning' { Write-Warning 'Mind the gap.'; 'after' }
            }
        }

        $prompt = (Get-ToolCall Add_Count @{ By = 2 }) + (Get-ToolCall Test_Failure @{ How = 'throw' }) + (Get-ToolCall Test_Failure @{ How = 'error' }) +
            (Get-ToolCall Test_Failure @{ How = 'warning' }) + (Get-ToolCall Script @{}) + (Get-ToolCall Add_Count @{ By = 'many' }) + (Get-ToolCall Get_Rows @{}) +
            (Get-ToolCall Add_Count @{ By = 1 })
        $messages = Invoke-AmpAgent $prompt @call -Tool 'Add-Count', (Get-Command Test-Failure), { $list.Add($PWD.Path) }, (New-AmpTool Get-Rows {
                1..10000 | ForEach-Object { [pscustomobject]@{ Number = $_; Text = 'x' * 20 } }
            }) -ErrorVariable errors -WarningVariable warnings

        $errors | Should -BeNullOrEmpty
        $warnings | Should -Be 'Test-Failure: Mind the gap.'
        $messages[-1].Outcome | Should -Be 'Succeeded'
        $script:count | Should -Be 43
        $list | Should -Be $PWD.Path
        $answers = @(Get-ToolAnswer $service)
        $answers.IsError | Should -Be $false, $true, $true, $false, $false, $true, $false, $false
        $answers[0].Text | Should -Be '{"Count":42,"Local":"of the test","Nested":{"A":[1,{"B":null}]}}'
        $answers[1].Text | Should -Be 'It broke.'
        $answers[2].Text | Should -Be '{"errors":["It went on."],"output":"before"}'
        $answers[3].Text | Should -Be '{"warnings":["Mind the gap."],"output":"after"}'
        $answers[4].Text | Should -Be '[]'
        $answers[5].Text | Should -Match 'By.*many'
        $answers[6].Text.Length | Should -BeLessThan 70KB
        $rows = $answers[6].Text | ConvertFrom-Json
        $rows.output[0].Number | Should -Be 1
        $rows.output.Count | Should -BeGreaterThan 500
        $rows.notes | Should -Match "first $($rows.output.Count) of 10000 objects"
        $answers[7].Text | Should -BeLike '{"Count":43,*'
    }

    It 'put out what a reader can use, get what they ask for, and runs of their own are none of the caller''s' {
        $inner = Get-AmpFakeCall $place
        function Get-Formatted { 1..2 | ForEach-Object { [pscustomobject]@{ Host = "web$_"; Free = $_ } } | Format-Table; 'after' }

        function Get-Table {
            $table = [System.Data.DataTable]::new('t')
            $null = $table.Columns.Add('Host'), $table.Columns.Add('Free', [int])
            $null = $table.Rows.Add('web1', 17), $table.Rows.Add('web2', 18)
            $table
            [pscustomobject]@{ Inside = $table; Reference = [ref] 7 }
        }

        function Get-Kind {
            param([pscustomobject] $Server, [pscustomobject[]] $List)

            "$($Server.GetType().Name) $($Server.Disk.GetType().Name) $($Server.Disk.Free) $($List[1].Name)"
        }

        function private:Get-Hidden { 'seen' }

        function Invoke-Judge { (Invoke-AmpAgent judge @inner -ResultOnly).Result }

        function Get-Size {
            param([double] $Size, [double[]] $List, [decimal] $Exact)

            "$Size $List $Exact"
        }

        function Get-Broken {
            [pscustomobject]@{ Name = 'a' } | Add-Member -MemberType AliasProperty -Name Other -Value Missing -PassThru
            [System.Net.DnsEndPoint]::new('web', 80) | Add-Member -MemberType AliasProperty -Name Other -Value Missing -PassThru
        }

        $tools = 'Get-Formatted', 'Get-Table', 'Get-Kind', 'Get-Hidden', 'Invoke-Judge', 'Get-Size', 'Get-Broken'
        $prompt = (Get-ToolCall Get_Formatted) + (Get-ToolCall Get_Table) + (Get-ToolCall Get_Kind @{ Server = @{ Disk = @{ Free = 17 } }; List = @(@{ Name = 'a' }, @{ Name = 'b' }) }) +
            (Get-ToolCall Get_Hidden) + (Get-ToolCall Invoke_Judge) + (Get-ToolCall Get_Size @{ Size = 1e-30; List = @(1e-30, 0.5); Exact = 0.1 }) + (Get-ToolCall Get_Broken)
        $messages = Invoke-AmpAgent $prompt -Tool $tools @call
        $answers = @(Get-ToolAnswer $service)
        $answers.Count | Should -Be 7
        $answers.IsError | Should -Not -Contain $true
        $answers[0].Text | Should -Match 'Host\s+Free.*web1\s+1.*web2\s+2.*after'
        $answers[0].Text | Should -Not -Match 'ClassId|FormatStart'
        $answers[1].Text | Should -Be '[{"Host":"web1","Free":17},{"Host":"web2","Free":18},{"Inside":[{"Host":"web1","Free":17},{"Host":"web2","Free":18}],"Reference":7}]'
        $answers[2].Text | Should -Be '"PSCustomObject PSCustomObject 17 b"'
        $answers[3].Text | Should -Be '"seen"'
        $answers[4].Text | Should -Be '"Echo: judge"'
        $answers[5].Text | Should -Be '"1E-30 1E-30 0.5 0.1"'
        $answers[6].Text | Should -Match '"Name":"a"'
        $answers[6].Text | Should -Match '"Host":"web"'
        $answers[6].Text | Should -Not -Match 'Other'

        # The run of the judge is not the last one of the caller.
        Invoke-AmpAgent 'go on' @inner -ContinueThread | Out-Null
        Get-AmpFakeRecord $place -Kind Run | Where-Object { $_.standardInput.text -like 'go on*' } | ConvertTo-Json -Depth 6 | Should -Match $messages[0].ThreadId
    }

    It 'work in a session in constrained language mode, as functions and as scripts' {
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()
        try {
            $shell = [powershell]::Create($runspace)
            $null = $shell.AddScript("Import-Module '$((Get-AmpTestLayout).Module)'").Invoke()
            $runspace.SessionStateProxy.SetVariable('call', $call)
            $runspace.SessionStateProxy.SetVariable('prompt', (Get-ToolCall Get_Order @{ Number = 7 }) + (Get-ToolCall say @{ Text = 'hi' }) + (Get-ToolCall Get_Type))
            $runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
            $shell.Commands.Clear()
            $null = $shell.AddScript({
                function Get-Order { param([int] $Number) "order $($Number + 1)" }
                function Get-Type { [System.IO.Path]::GetTempPath() }
                $say = New-AmpTool -Name say -Description 'Says it.' -ScriptBlock { param([string] $Text) "said $Text" }
                Invoke-AmpAgent $prompt -Tool Get-Order, $say, Get-Type @call | Out-Null
            }).Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
        } finally {
            $runspace.Dispose()
        }

        $answers = @(Get-ToolAnswer $service)
        $answers[0].Text | Should -Be '"order 8"'
        $answers[1].Text | Should -Be '"said hi"'

        # What such a session may not do, its tools may not either.
        $answers[2].IsError | Should -BeTrue
        $answers[2].Text | Should -Not -Match ([regex]::Escape([System.IO.Path]::GetTempPath()))
    }

    It 'change nothing unless changes are allowed' {
        $file = Join-Path $place.Project 'keep.txt'
        Set-Content -LiteralPath $file -Value 'keep'
        $script:done = $false
        function Set-Done {
            [CmdletBinding(SupportsShouldProcess)]
            param()

            if ($PSCmdlet.ShouldProcess('it', 'Do')) { $script:done = $true }
        }

        $prompt = (Get-ToolCall Remove_Item @{ Path = @($file) }) + (Get-ToolCall Set_Done)
        $null = Invoke-AmpAgent $prompt @call -Tool Remove-Item, Set-Done
        $file | Should -Exist
        $script:done | Should -BeFalse
        (Get-ToolAnswer $service).Text | Should -Match '-WhatIf: nothing was changed'

        $null = Invoke-AmpAgent $prompt @call -Tool Remove-Item, Set-Done -AllowToolChange
        $file | Should -Not -Exist
        $script:done | Should -BeTrue
    }

    It 'get an ordered dictionary in the order of the input' {
        function Get-Order {
            param([Parameter(Mandatory)] [System.Collections.Specialized.OrderedDictionary] $Table, [System.Collections.Specialized.OrderedDictionary[]] $List)

            "$($Table.Keys) $($Table['B']) $($List[1].Keys)"
        }

        $null = Invoke-AmpAgent (Get-ToolCall Get_Order @{ Table = [ordered]@{ z = 1; b = 2; m = 3 }; List = @(@{}, [ordered]@{ y = 1; a = 2 }) }) @call -Tool Get-Order
        (Get-ToolAnswer $service).Text | Should -Be '"z b m 2 y a"'
    }

    It 'stop the cmdlet with a warning if the caller says so, and not the call that has done its work' {
        $script:count = 0
        function Add-Thing { $script:count++; Write-Warning 'Nearly full.'; 'added' }

        $session = New-AmpSession @call -Tool Add-Thing
        try {
            Send-AmpMessage $session (Get-ToolCall Add_Thing) -NoWait
            $messages = [System.Collections.Generic.List[Amp.StreamMessage]]::new()
            { Receive-AmpMessage $session -Wait -WarningAction Stop | ForEach-Object { $messages.Add($_) } } | Should -Throw '*Nearly full.*'
            Receive-AmpMessage $session -Wait | ForEach-Object { $messages.Add($_) }
            # Each message once, also those that came when the cmdlet was about to stop.
            @($messages.ToolUse.Id).Count | Should -Be 1
            $messages.ToolResult.ToolUseId | Should -Be $messages.ToolUse.Id
            $messages[-1].EndsTurn | Should -BeTrue
        } finally {
            $null = Remove-AmpSession $session
        }

        $script:count | Should -Be 1
        $answer = Get-ToolAnswer $service
        $answer.IsError | Should -BeFalse
        $answer.Text | Should -Be '{"warnings":["Nearly full."],"output":"added"}'
        { Invoke-AmpAgent (Get-ToolCall Add_Thing) @call -Tool Add-Thing -WarningAction Stop } | Should -Throw '*Nearly full.*'
        $script:count | Should -Be 2
    }

    It 'are what a mock of Pester stands for' {
        Mock Get-Date { 'mocked' }

        $null = Invoke-AmpAgent ((Get-ToolCall Get_Date) + (Get-ToolCall Named)) @call -Tool Get-Date, (New-AmpTool Named { Get-Date })
        (Get-ToolAnswer $service).Text | Should -Be '"mocked"', '"mocked"'
        Should -Invoke Get-Date -Times 2 -Exactly
    }

    It 'are stopped when they take too long' {
        $script:ended = 0
        function Wait-Long {
            try { Start-Sleep -Seconds 600 } finally { $script:ended++ }
        }

        $messages = Invoke-AmpAgent (Get-ToolCall Wait_Long) @call -Tool Wait-Long -ToolTimeoutSec 1
        $messages[-1].Outcome | Should -Be 'Succeeded'
        $answer = Get-ToolAnswer $service
        $answer.IsError | Should -BeTrue
        $answer.Text | Should -Be 'Wait-Long did not end within 1 s and was stopped.'
        $script:ended | Should -Be 1
    }

    It 'that cannot be stopped do not keep the idle limit from counting when the CLI gives a call up' {
        $fake = Get-AmpFakeCall $place 'polite', 'init', 'hang'
        $begun = [System.Threading.ManualResetEventSlim]::new()
        $exited = [System.Threading.ManualResetEventSlim]::new()
        $root, $log = $place.Root, $place.Log
        $caller = Start-ThreadJob {
            $folder, $begun = $using:root, $using:begun
            while (-not ($file = Get-ChildItem -LiteralPath $folder -Filter mcp.json -Recurse -ErrorAction Ignore | Select-Object -First 1) -or
                -not ($config = (Get-Content -Raw -LiteralPath $file.FullName -ErrorAction Ignore | ConvertFrom-Json -ErrorAction Ignore).ps)) {
                Start-Sleep -Milliseconds 50
            }

            $client = [System.Net.Http.HttpClient]::new()
            foreach ($header in $config.headers.PSObject.Properties) { $null = $client.DefaultRequestHeaders.TryAddWithoutValidation($header.Name, $header.Value) }
            $null = $client.DefaultRequestHeaders.TryAddWithoutValidation('Accept', 'application/json, text/event-stream')
            $send = { param($body) $client.PostAsync($config.url, [System.Net.Http.StringContent]::new($body, [System.Text.Encoding]::UTF8, 'application/json')) }
            $first = (& $send '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}').GetAwaiter().GetResult()
            $session = @($first.Headers.GetValues('Mcp-Session-Id'))[0]
            $null = $client.DefaultRequestHeaders.TryAddWithoutValidation('Mcp-Session-Id', $session)
            $null = (& $send '{"jsonrpc":"2.0","method":"notifications/initialized"}').GetAwaiter().GetResult()
            $null = & $send '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"Stay","arguments":{}}}'
            if (-not $begun.Wait(300000)) { return $false }
            $null = (& $send '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}').GetAwaiter().GetResult()

            # The tool waits in .NET until the CLI has exited. The limit is only against a test that hangs.
            $log = $using:log
            $id = (Get-ChildItem -LiteralPath $log -Filter *.json | Get-Content -Raw | ConvertFrom-Json | Where-Object kind -EQ Run).processId
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            while ((Get-Process -Id $id -ErrorAction Ignore) -and $watch.Elapsed.TotalSeconds -lt 300) { Start-Sleep -Milliseconds 50 }
            $hasExited = -not (Get-Process -Id $id -ErrorAction Ignore)
            ($using:exited).Set()
            $hasExited
        }

        try {
            $null = Invoke-AmpAgent go @fake -IdleTimeoutSec 15 -ToolTimeoutSec 0 -Tool (New-AmpTool Stay { $begun.Set(); $exited.Wait() }) -ErrorVariable errors -ErrorAction SilentlyContinue
            $errors[0].FullyQualifiedErrorId | Should -Be 'IdleTimeout,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            Receive-Job $caller -Wait | Should -BeTrue
        } finally {
            $exited.Set()
            Remove-Job $caller -Force
        }
    }

    It 'are stopped when the CLI is gone' -Skip:(-not $IsLinux) {
        $script:ended = $false
        $tool = New-AmpTool Kill {
            Get-AmpTestProcess $place | ForEach-Object { Stop-Process -Id $_ -Force }
            try { Start-Sleep -Seconds 600 } finally { $script:ended = $true }
        }

        $null = Invoke-AmpAgent (Get-ToolCall Kill) @call -Tool $tool -ToolTimeoutSec 0 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'CliTerminated,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $script:ended | Should -BeTrue
    }

    It 'end with the pipeline that is stopped' {
        $mark = Join-Path $place.Root 'tool-began'
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                    $module, $call, $mark, $prompt = $args
                    Import-Module $module
                    Invoke-AmpAgent $prompt @call -Tool (New-AmpTool Hang { try { Set-Content $mark 1; Start-Sleep -Seconds 600 } finally { Set-Content "$mark.end" 1 } })
                }).AddArgument((Get-AmpTestLayout).Module).AddArgument($call).AddArgument($mark).AddArgument((Get-ToolCall Hang))
            $running = $shell.BeginInvoke()
            Wait-AmpTestCondition { Test-Path $mark } -Because 'the agent calls the tool'
            $shell.Stop()
            Wait-AmpTestCondition { $running.IsCompleted } -Because 'the pipeline ends'
        } finally {
            $shell.Dispose()
        }

        Test-Path "$mark.end" | Should -BeTrue
    }

    It 'tell the user what they say, and lose no message: 100 calls while the run is written' {
        $place2 = Open-AmpTestPlace
        try {
            $service2 = Open-AmpLocalService $place2
            $prompt = -join (1..100 | ForEach-Object { Get-ToolCall Tell @{ Number = $_ } })
            $shell = Invoke-AmpTestShell $place2 -Call (Get-AmpLocalCall $place2 $service2) -Variable @{ PROMPT_OF_TEST = $prompt } -Script @'
$seen = [System.Collections.Generic.List[int]]::new()
$tool = New-AmpTool Tell {
    param([int] $Number)
    $seen.Add($Number)
    Write-Progress -Activity 'Telling' -PercentComplete $Number
    Write-Verbose "verbose $Number" -Verbose
    Write-Host "host $Number"
    (Get-Item $PWD).Name, $Number
}
$types = Invoke-AmpAgent $env:PROMPT_OF_TEST @call -Tool $tool | ForEach-Object { Get-Date | Out-Null; $_.GetType().Name }
"types: $types"
"seen: $($seen.Count) $(($seen | Sort-Object -Unique).Count)"
'@
        } finally {
            Close-AmpTestPlace $place2
        }

        $shell.Error | Should -BeNullOrEmpty
        $shell.Output | Should -Not -Match 'WARNING'
        $shell.Output | Should -Match 'types: SystemMessage UserMessage AssistantMessage UserMessage AssistantMessage ResultMessage'
        $shell.Output | Should -Match 'seen: 100 100'
        [regex]::Matches($shell.Output, '(?m)^host \d+').Count | Should -Be 100
        [regex]::Matches($shell.Output, '(?m)^VERBOSE: verbose \d+').Count | Should -Be 100
        $shell.ExitCode | Should -Be 0
    }

    It 'cannot be reached by others during the run, nor by anybody after it' {
        $reached = [System.Collections.Generic.List[object]]::new()
        $tool = New-AmpTool Look {
            $file = Get-ChildItem -Path $env:TMPDIR -Filter mcp.json -Recurse
            $config = (Get-Content -Raw $file.FullName | ConvertFrom-Json).ps
            $reached.Add([pscustomobject]@{
                    Url = $config.url
                    Mode = $IsWindows ? 'UserWrite, UserRead' : "$($file.UnixFileMode)"
                    Status = foreach ($headers in @(@{}; @{ Authorization = 'Bearer x' }; $config.headers | ConvertTo-Json | ConvertFrom-Json -AsHashtable)) {
                        (Invoke-WebRequest $config.url -Method Post -Body '{' -ContentType application/json -Headers $headers -SkipHttpErrorCheck).StatusCode
                    }
                })
        }

        $messages = Invoke-AmpAgent (Get-ToolCall Look) @call -Tool $tool
        $messages[-1].Outcome | Should -Be 'Succeeded'
        $reached[0].Status | Should -Be 401, 401, 400
        $reached[0].Mode | Should -Be 'UserWrite, UserRead'
        { Invoke-WebRequest $reached[0].Url -Method Post -Body '{}' } | Should -Throw -ExceptionType ([System.Net.Http.HttpRequestException])
    }

    It 'work in a session, in the session of whoever sends' {
        $script:count = 0
        $session = New-AmpSession @call -Tool (New-AmpTool Add-One { $script:count++; $script:count })
        try {
            $null = Send-AmpMessage $session (Get-ToolCall Add_One)
            Send-AmpMessage $session (Get-ToolCall Add_One) -NoWait
            $messages = Receive-AmpMessage $session -Wait
        } finally {
            $result = Remove-AmpSession $session
        }

        $script:count | Should -Be 2
        $messages.ToolResult.Text | Should -Be '2'
        $result.Outcome | Should -Be 'Succeeded'
    }

    It 'are named by -WhatIf, which opens nothing' {
        $shell = Invoke-AmpTestShell $place 'Invoke-AmpAgent hi @call -Tool Get-Date, { 1 }, { 2 } -WhatIf' -Call $call
        $shell.Output | Should -Match 'mcp__ps__Get_Date, mcp__ps__Script, mcp__ps__Script_2'
    }
}
